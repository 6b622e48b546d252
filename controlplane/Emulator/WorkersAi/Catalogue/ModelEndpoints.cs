using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>What models there are (contract section 16): search, schema, tasks, authors.</summary>
public static class ModelEndpoints
{
    private const int MostPerPage = 1000;

    /// <summary>After its deprecation a model is shown to who asks for it so long (`include_deprecated`).</summary>
    private const int MonthsOfDeprecation = 3;

    /// <param name="account">The group at /accounts/{accountId}.</param>
    public static void MapModels(this RouteGroupBuilder account)
    {
        var ai = account.MapGroup("/ai").Requires(Permission.WorkersAiRead).WithTags("Workers AI");
        ai.MapGet("/models/search", Search).WithSummary("Models, filtered and paged")
            .Asks([
                .. AskedParameter.Pages(1, MostPerPage), AskedParameter.Text("task"), AskedParameter.Text("author"), AskedParameter.Text("source"), AskedParameter.Text("search"),
                AskedParameter.Flag("hide_experimental"), AskedParameter.Flag("include_deprecated"), AskedParameter.Choice("format", "openrouter")]);
        ai.MapGet("/models/schema", Schema).WithSummary("What a model takes and answers").Asks(AskedParameter.Text("model") with { Required = true });
        ai.MapGet("/tasks/search", () => Envelope.Result(new JsonArray([.. AiTask.All.Select(ModelJson.Task)]))).WithSummary("Tasks that models have");
        ai.MapGet("/authors/search", Authors).WithSummary("Authors of models");
    }

    private static IResult Search(HttpContext context, EmulatorClock clock)
    {
        var (query, errors) = (context.Request.Query, new List<ApiError>());
        var page = PageRequest.Read(context, 1, MostPerPage, errors);
        var source = Source(query["source"], errors);
        var hidesExperimental = Flag(query, "hide_experimental", errors);
        var showsDeprecated = Flag(query, "include_deprecated", errors);
        if (query["format"] is [{ Length: > 0 } format, ..] && format != "openrouter")
            errors.Add(ApiError.Invalid(FieldPath.Query["format"], $"Invalid enum value. Expected 'openrouter', received '{format}'"));
        if (errors.Count > 0)
            return Envelope.Invalid(errors);

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var models = AiCatalogue.All.Where(model =>
            Fits(query["task"], model.Task.Name) && Fits(query["author"], model.Author)
            && (source is null || model.Source == source)
            && !(hidesExperimental && model.IsBeta)
            && IsShown(model, showsDeprecated, today)
            && Found(query["search"], model)).ToArray();
        return query["format"] == "openrouter" ? OpenRouter(page, models) : page.Answer(models, ModelJson.Model);
    }

    /// <summary>`data` in the place of `result`, in the words of OpenRouter's providers.</summary>
    private static IResult OpenRouter(PageRequest page, AiModel[] models)
    {
        var shown = page.Of(models).Select(ModelJson.OpenRouter).ToArray();
        return Envelope.Result(result: null, new JsonObject { ["page"] = page.Page, ["per_page"] = page.PerPage, ["count"] = shown.Length, ["total_count"] = models.Length },
            more: new JsonObject { ["data"] = new JsonArray(shown) });
    }

    private static IResult Schema(HttpContext context)
    {
        if (context.Request.Query["model"] is not [{ Length: > 0 } name, ..])
            return Envelope.Invalid(ApiError.Invalid(FieldPath.Query["model"], "Required"));
        if (AiCatalogue.Find(name) is { } model)
            return Envelope.Result(ModelJson.Schema(model));
        var missing = AiFailure.NoSuchModel(name);
        return Envelope.Failure(missing.Status, new ApiError(missing.Code, missing.Description));
    }

    private static IResult Authors() => Envelope.Result(new JsonArray(
        [.. AiCatalogue.All.Select(model => model.Author).Distinct().Order(StringComparer.Ordinal).Select(author => (JsonNode)new JsonObject { ["name"] = author })]));

    private static bool Fits(string? wanted, string value) => string.IsNullOrEmpty(wanted) || wanted.Equals(value, StringComparison.OrdinalIgnoreCase);

    private static bool Found(string? text, AiModel model) => string.IsNullOrEmpty(text)
        || model.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || model.Description.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static bool IsShown(AiModel model, bool showsDeprecated, DateOnly today)
    {
        if (model.DeprecatedOn is not { } day || !DateOnly.TryParse(day, CultureInfo.InvariantCulture, out var deprecated) || today < deprecated)
            return true;
        return showsDeprecated && today < deprecated.AddMonths(MonthsOfDeprecation);
    }

    private static int? Source(string? text, List<ApiError> errors)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var source))
            return source;
        errors.Add(ApiError.Invalid(FieldPath.Query["source"], "Expected number, received nan"));
        return null;
    }

    private static bool Flag(IQueryCollection query, string name, List<ApiError> errors)
    {
        if (query[name] is not [{ Length: > 0 } text, ..])
            return false;
        if (text is "true" or "false")
            return text == "true";
        errors.Add(ApiError.Invalid(FieldPath.Query[name], "Expected boolean, received string"));
        return false;
    }
}
