using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.CustomProviders;

/// <summary>Custom providers of the account (contract section 4.2).</summary>
public static class CustomProviderEndpoints
{
    private static readonly Dictionary<string, Func<CustomProviderState, IComparable?>> Orders = new()
    {
        ["id"] = provider => provider.Id,
        ["name"] = provider => provider.Name,
        ["slug"] = provider => provider.Slug,
        ["enable"] = provider => provider.Enable,
        ["beta"] = provider => provider.Beta,
        ["position"] = provider => provider.Position,
        ["created_at"] = provider => provider.CreatedAt,
        ["modified_at"] = provider => provider.ModifiedAt,
    };

    public static void MapCustomProviders(this RouteGroupBuilder account)
    {
        var providers = account.MapGroup("/ai-gateway/custom-providers").Requires(Permission.AiGatewayRead, Permission.AiGatewayWrite).WithTags("Custom providers");
        providers.MapGet("", List).WithSummary("Custom providers of the account").Asks([.. AskedParameter.Pages(1, 100), AskedParameter.Flag("beta"), AskedParameter.Flag("enable"), AskedParameter.Text("search"), AskedParameter.Text("order_by")]);
        providers.MapPost("", Create).WithSummary("Create a custom provider").Takes(CustomProviderShape.Create);
        providers.MapGet("/{id}", (HttpContext context, string id, EmulatorOptions options) => Found(context, context.Account().CustomProviders.Find(id), options)).WithSummary("One custom provider");
        providers.MapPatch("/{id}", Change).WithSummary("Change a custom provider").Takes(CustomProviderShape.Change);
        providers.MapDelete("/{id}", (HttpContext context, string id, EmulatorOptions options) => Found(context, context.Account().CustomProviders.Remove(id), options)).WithSummary("Delete a custom provider");
    }

    private static IResult List(HttpContext context, EmulatorOptions options)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 100, errors);
        var (beta, enable) = (ListQuery.Flag(query, "beta", errors), ListQuery.Flag(query, "enable", errors));
        var (order, descending) = Order(query["order_by"].ToString(), errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var found = context.Account().CustomProviders.Providers
            .Where(provider => (beta ?? provider.Beta) == provider.Beta && (enable ?? provider.Enable) == provider.Enable)
            .Where(provider => ListQuery.Contains(query, "search", provider.Id, provider.Name, provider.Slug));
        CustomProviderState[] ordered = [.. (descending ? found.OrderByDescending(order, ListQuery.Order) : found.OrderBy(order, ListQuery.Order)).ThenBy(provider => provider.Id, StringComparer.Ordinal)];
        return page.Answer(ordered, provider => CustomProviderJson.Of(provider, context.Account().Id, options.Assumptions));
    }

    private static async Task<IResult> Create(HttpContext context, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, CustomProviderShape.Create, cancellationToken);
        if (refusal is not null)
            return refusal;
        var provider = context.Account().CustomProviders.Add(origin => CustomProviderShape.Apply(
            new CustomProviderState { Id = origin.Id, Name = "", Slug = "", BaseUrl = "", CreatedAt = origin.At, ModifiedAt = origin.At, Generation = origin.Generation },
            body));
        return provider is null ? SlugTaken(body.GetProperty("slug").GetString()!) : Found(context, provider, options);
    }

    private static async Task<IResult> Change(HttpContext context, string id, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var providers = context.Account().CustomProviders;
        if (providers.Find(id) is null)
            return Envelope.NotFound();
        var (body, refusal) = await ValidBody.ReadAsync(context.Request, CustomProviderShape.Change, cancellationToken);
        if (refusal is not null)
            return refusal;
        var (provider, taken) = providers.Change(id, current => CustomProviderShape.Apply(current, body));
        return taken ? SlugTaken(body.GetProperty("slug").GetString()!) : Found(context, provider, options);
    }

    private static IResult Found(HttpContext context, CustomProviderState? provider, EmulatorOptions options) =>
        provider is null ? Envelope.NotFound() : Envelope.Result(CustomProviderJson.Of(provider, context.Account().Id, options.Assumptions));

    private static IResult SlugTaken(string slug) => Envelope.Invalid(ApiError.Invalid(FieldPath.Body["slug"], $"Custom provider '{slug}' already exists"));

    // A field and a direction: `name ASC`, which is the default, or the field alone.
    private static (Func<CustomProviderState, IComparable?> By, bool Descending) Order(string text, List<ApiError> errors)
    {
        string[] parts = text.Length == 0 ? ["name"] : text.Split(' ');
        var direction = parts.Length > 1 ? parts[1].ToUpperInvariant() : "ASC";
        if (parts.Length <= 2 && direction is ("ASC" or "DESC") && Orders.TryGetValue(parts[0], out var by))
            return (by, direction == "DESC");
        errors.Add(ApiError.Invalid(FieldPath.Query["order_by"], "Expected a field and a direction, such as 'name ASC'"));
        return (Orders["name"], false);
    }
}
