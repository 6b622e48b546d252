using System.Text.Json.Nodes;
using GatewayOps.Emulator.Analytics.GraphQl;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>The fields of the query's root: `viewer { budget accounts(filter: {accountTag}) { settings {…} aiGateway… {…} } }`, and introspection.</summary>
/// <param name="budget">Queries left in the current window.</param>
/// <param name="visibleUntil">Rows after this time are not ingested yet.</param>
public sealed class QueryRoot(Func<string, AccountState?> accounts, long budget, DateTimeOffset now, DateTimeOffset visibleUntil)
{
    public JsonObject Answer(IReadOnlyList<BoundField> fields) => Each(fields, [], field => field.Name switch
    {
        "viewer" => Each(Selected(field), ["viewer"], Viewer),
        "__schema" => Introspection.Project(Introspection.Schema, field),
        "__type" => Introspection.Project(Introspection.FindType(field.Arguments.GetValueOrDefault("name") as string), field),
        "__typename" => "query",
        _ => null,
    });

    private JsonNode? Viewer(BoundField field) => field.Name switch
    {
        "budget" => Introspection.Project(budget, field),
        "accounts" => new JsonArray(Account(field)),
        "__typename" => "viewer",
        _ => null,
    };

    private JsonObject Account(BoundField field)
    {
        var account = Accounts(field.Arguments.GetValueOrDefault("filter")) switch
        {
            [var only] => accounts(only) ?? throw QueryException.Beyond("not authorized for that account", "viewer", "accounts"),
            _ => throw new QueryException("error parsing args for \"accounts\": filter must name one account by accountTag", path: ["viewer", "accounts"]),
        };
        return Each(Selected(field), ["viewer", "accounts", "0"], child => child.Name switch
        {
            "settings" => Each(Selected(child), ["viewer", "accounts", "0", "settings"], setting => Datasets.Find(setting.Name) is { } dataset ? Introspection.Project(Settings(dataset), setting) : null),
            "__typename" => "account",
            _ => Datasets.Find(child.Name) is { } dataset ? new DatasetQuery(dataset, child).Run(account, now, visibleUntil) : null,
        });
    }

    private static List<string> Accounts(object? filter) => filter is not Dictionary<string, object?> members ? [] : members switch
    {
        _ when members.TryGetValue("accountTag", out var tag) && tag is string one => [one],
        _ when members.TryGetValue("accountTag_in", out var tags) && tags is List<object?> list => [.. list.OfType<string>()],
        _ when members.TryGetValue("AND", out var both) && both is List<object?> parts => [.. parts.SelectMany(Accounts)],
        _ => [],
    };

    private static JsonObject Settings(Dataset dataset) => new()
    {
        ["enabled"] = true,
        ["notOlderThan"] = (long)Dataset.NotOlderThan.TotalSeconds,
        ["maxDuration"] = (long)Dataset.MaxDuration.TotalSeconds,
        ["maxPageSize"] = Dataset.MaxPageSize,
        ["maxNumberOfFields"] = Dataset.MaxNumberOfFields,
        ["availableFields"] = new JsonArray([
            "count",
            .. dataset.Dimensions.Select(dimension => $"dimensions.{dimension.Name}"),
            .. dataset.Aggregates.Select(aggregate => $"{aggregate.Node}.{aggregate.Name}")]),
    };

    private static IReadOnlyList<BoundField> Selected(BoundField field) =>
        field.Fields.Count > 0 ? field.Fields : throw new QueryException($"\"{field.Name}\" needs a selection");

    private static JsonObject Each(IReadOnlyList<BoundField> fields, string[] path, Func<BoundField, JsonNode?> answer) => new(fields.Select(field =>
        KeyValuePair.Create(field.Key, answer(field) ?? (field.Name.StartsWith("__type", StringComparison.Ordinal) ? null : throw new QueryException($"unknown field \"{field.Name}\"", path: [.. path, field.Name])))));
}
