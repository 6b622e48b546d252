using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>The logs of a gateway (contract section 3, legacy logs).</summary>
public static class LogEndpoints
{
    private static Shape Patch(Assumptions assumptions) => Shapes.ObjectOf(
        new Member("feedback", Shapes.NumberBetween(assumptions.FeedbackRange.Least, assumptions.FeedbackRange.Most).OrNull()),
        new Member("score", Shapes.NumberBetween(assumptions.ScoreRange.Least, assumptions.ScoreRange.Most).OrNull()),
        new Member("metadata", Shapes.MapOf(Shapes.Scalar).OrNull()));

    public static void MapLogs(this IEndpointRouteBuilder account)
    {
        var logs = account.MapGroup("/ai-gateway/gateways/{gatewayId}/logs").WithTags("Logs");
        logs.AddEndpointFilter(async (invocation, next) =>
            invocation.HttpContext.RequestServices.GetRequiredService<EmulatorOptions>().Assumptions.LogsAreLegacy ? await next(invocation) : Elsewhere(invocation.HttpContext));
        logs.MapGet("", List).Requires(Permission.AiGatewayMetadataRead).WithSummary("Log rows, filtered, ordered and paged")
            .Asks(LogQuery.ListParameters);
        logs.MapDelete("", Delete).Requires(Permission.AiGatewayWrite).WithSummary("Delete the log rows that the filters name")
            .Asks(LogQuery.DeletionParameters);
        logs.MapGet("/{logId}", (HttpContext context, string gatewayId, string logId) =>
            Row(context, gatewayId, logId) is { } row ? Envelope.Result(LogJson.Detail(row)) : Envelope.NotFound()).Requires(Permission.AiGatewayMetadataRead).WithSummary("One log row");
        logs.MapPatch("/{logId}", Change).Requires(Permission.AiGatewayWrite).WithSummary("Feedback, score and metadata of a log row").Takes(Patch(account.Of<EmulatorOptions>().Assumptions));
        logs.MapGet("/{logId}/request", (HttpContext context, string gatewayId, string logId) =>
            Row(context, gatewayId, logId) is { RequestBody: { } body } row ? Raw(body, row.RequestContentType) : Envelope.NotFound()).Requires(Permission.AiGatewayRead).WithSummary("The stored request body, as it is");
        logs.MapGet("/{logId}/response", (HttpContext context, string gatewayId, string logId) =>
            Row(context, gatewayId, logId) is { ResponseBody: { } body } row ? Raw(body, row.ResponseContentType) : Envelope.NotFound()).Requires(Permission.AiGatewayRead).WithSummary("The stored response body, as it is");
    }

    private static IResult List(HttpContext context, string gatewayId)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 5, 50, errors);
        var query = LogQuery.ReadList(context.Request, errors);
        var extremes = ListQuery.Flag(context.Request.Query, "meta_info", errors) == true;
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var found = query.Page(gateway.Logs.Read(), page.Skipped, page.PerPage, extremes);
        return page.Answer(context.RequestServices.GetRequiredService<LogWeather>().Page([.. found.Rows]), found.Total, LogJson.Row, found.Extremes?.ToJson());
    }

    private static IResult Delete(HttpContext context, string gatewayId)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        var errors = new List<ApiError>();
        var query = LogQuery.ReadDeletion(context.Request, errors);
        int? limit = null;
        if (context.Request.Query.TryGetValue("limit", out var text))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 0)
                limit = most;
            else
                errors.Add(ApiError.Invalid(FieldPath.Query["limit"], "Expected a number greater than 0"));
        }
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        gateway.Logs.Remove(query.First(gateway.Logs.Read(), limit));
        return Envelope.Bare();
    }

    private static async Task<IResult> Change(HttpContext context, string gatewayId, string logId, EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (context.Account().FindGateway(gatewayId) is not { } gateway)
            return Envelope.NotFound();
        if (await JsonText.ReadAsync(context.Request, cancellationToken) is not { ValueKind: JsonValueKind.Object } body)
            return Envelope.Invalid(ApiError.Invalid(FieldPath.Body, "Input Validation Error"));
        var errors = new List<ApiError>();
        Patch(options.Assumptions).Check(body, FieldPath.Body, errors);
        if (errors.Count > 0)
            return Envelope.Invalid(errors);
        var changed = gateway.Logs.Change(logId, row => row with
        {
            Feedback = body.TryGetProperty("feedback", out var feedback) ? Number(feedback) : row.Feedback,
            Score = body.TryGetProperty("score", out var score) ? Number(score) : row.Score,
            Metadata = body.TryGetProperty("metadata", out var metadata) ? metadata.ValueKind == JsonValueKind.Null ? null : metadata.GetRawText() : row.Metadata,
        });
        return changed ? Envelope.Result(new JsonObject()) : Envelope.NotFound();
    }

    // The list and the delete stand on the group's own path.
    private static IResult Elsewhere(HttpContext context)
    {
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 5, 50, errors);
        return context.Request.RouteValues.ContainsKey("logId") || context.Account().FindGateway(context.Request.RouteValues["gatewayId"]!.ToString()!) is null ? Envelope.NotFound()
            : context.Request.Method == HttpMethods.Delete ? Envelope.Bare()
            : errors.Count > 0 ? Envelope.Invalid(errors) : page.Answer<LogRow>([], LogJson.Row);
    }

    private static LogRow? Row(HttpContext context, string gatewayId, string logId) => context.Account().FindGateway(gatewayId)?.Logs.Find(logId);

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    // The stored bytes as they are: no envelope, and not always JSON.
    private static IResult Raw(byte[] body, string contentType) => Results.Bytes(body, contentType.Length > 0 ? contentType : "application/octet-stream");
}
