using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Analytics.GraphQl;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>`POST /client/v4/graphql` (contract section 15): no envelope of the REST API, errors beside `data`, and a budget of its own.</summary>
public static class AnalyticsEndpoints
{
    // Which account a query needs the permission on is in the query: the answer checks it.
    public static void MapAnalytics(this IEndpointRouteBuilder api) => api.MapPost("/graphql", AnswerAsync).RequiresNothing().CountsAs(ApiBudget.GraphQl).WithSummary("GraphQL analytics over the logs").WithTags("Analytics")
        .Takes(Shapes.ObjectOf(new Member("query", Shapes.Text(1), Required: true), new Member("variables", Shapes.ObjectOf().OrNull()), new Member("operationName", Shapes.Text().OrNull())));

    private static async Task<IResult> AnswerAsync(
        HttpContext context, Admission admission, ManagementRateLimit limit, EmulatorState state, EmulatorOptions options, EmulatorClock clock)
    {
        var now = clock.GetUtcNow();
        try
        {
            if (admission.Admit(context) is { } refusal)
                throw new QueryException(
                    refusal.Status == StatusCodes.Status429TooManyRequests ? "rate limiter budget depleted, try again after 5 minutes" : refusal.Errors[0].Message,
                    refusal.Status, refusal.Status == StatusCodes.Status429TooManyRequests ? "budget" : "authz");
            var caller = context.Caller();
            var (query, operation, variables) = await ReadAsync(context);
            var fields = QueryBinder.Bind(Parser.Parse(query), operation, variables);
            var root = new QueryRoot(Readable, limit.Remaining(ApiBudget.GraphQl, caller.Budget), now, now - options.AnalyticsDelay);
            return Results.Json(new JsonObject { ["data"] = root.Answer(fields), ["errors"] = null });

            AccountState? Readable(string id) =>
                state.FindAccount(id) is { } account && caller.Grants(Permission.AccountAnalyticsRead, $"{Permission.AccountScope}.{id}") ? account : null;
        }
        catch (QueryException failure)
        {
            return Failure(failure, now);
        }
        catch (BadHttpRequestException unreadable)
        {
            return Failure(new QueryException(unreadable.Message, unreadable.StatusCode), now);
        }
    }

    private static async Task<(string Query, string? Operation, JsonElement Variables)> ReadAsync(HttpContext context)
    {
        if (await JsonText.ReadAsync(context.Request, context.RequestAborted) is { ValueKind: JsonValueKind.Object } request
            && request.TryGetProperty("query", out var query) && query.ValueKind == JsonValueKind.String)
            return (
                query.GetString()!,
                request.TryGetProperty("operationName", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null,
                request.TryGetProperty("variables", out var variables) ? variables : default);
        throw new QueryException("the body must be a JSON object with the text \"query\"");
    }

    private static IResult Failure(QueryException failure, DateTimeOffset now) => Results.Json(
        new JsonObject
        {
            ["data"] = null,
            ["errors"] = new JsonArray(new JsonObject
            {
                ["message"] = failure.Message,
                ["path"] = failure.Path.Count == 0 ? null : new JsonArray([.. failure.Path.Select(node => JsonValue.Create(node))]),
                ["extensions"] = new JsonObject { ["timestamp"] = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture), ["code"] = failure.Code },
            }),
        },
        statusCode: failure.Status);
}
