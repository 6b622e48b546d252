using System.Text.Json.Nodes;
using GatewayOps.Emulator.Analytics.GraphQl;

namespace GatewayOps.Emulator.Analytics;

/// <summary>What the API says of itself (`__schema`, `__type`): built once from the datasets, answered by picking from it what was selected.</summary>
public static class Introspection
{
    private static readonly string[] Scalars = ["string", "uint64", "float64", "bool", "Time", "Date"];

    public static JsonObject Schema { get; } = new()
    {
        ["queryType"] = new JsonObject { ["name"] = "query" },
        ["mutationType"] = null,
        ["subscriptionType"] = null,
        ["directives"] = new JsonArray(),
        ["types"] = new JsonArray([.. Types()]),
    };

    public static JsonObject? FindType(string? name) => Schema["types"]!.AsArray().FirstOrDefault(type => (string?)type!["name"] == name)?.AsObject();

    /// <summary>The selected members of a node, with their aliases; lists member by member. Null stays null.</summary>
    /// <exception cref="QueryException">A member that there is not, or a selection where none can be.</exception>
    public static JsonNode? Project(JsonNode? node, BoundField field)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonArray list when list.All(item => item is JsonObject):
                return new JsonArray([.. list.Select(item => Project(item, field))]);
            case JsonObject members:
                if (field.Fields.Count == 0)
                    throw new QueryException($"\"{field.Name}\" needs a selection");
                return new JsonObject(field.Fields.Select(child => KeyValuePair.Create(
                    child.Key, members.TryGetPropertyValue(child.Name, out var value) ? Project(value, child) : throw new QueryException($"unknown field \"{child.Name}\""))));
            default:
                return field.Fields.Count == 0 ? node.DeepClone() : throw new QueryException("scalar fields must have not selections");
        }
    }

    private static IEnumerable<JsonNode> Types()
    {
        foreach (var scalar in Scalars)
            yield return Type("SCALAR", scalar);
        yield return Type("OBJECT", "query", fields: [Field("viewer", Named("OBJECT", "viewer"))]);
        yield return Type("OBJECT", "viewer", fields: [Field("budget", Named("SCALAR", "uint64")), Field("accounts", ListOf(Named("OBJECT", "account")))]);
        yield return Type("OBJECT", "account", fields: [.. Datasets.All.Select(dataset => Field(dataset.Name, ListOf(Named("OBJECT", dataset.TypeName)), Arguments(dataset)))]);
        foreach (var dataset in Datasets.All)
        {
            var nodes = dataset.Aggregates.Select(aggregate => aggregate.Node).Distinct().ToList();
            yield return Type("OBJECT", dataset.TypeName, fields:
            [
                Field("count", Named("SCALAR", "uint64")),
                Field("dimensions", Named("OBJECT", $"{dataset.TypeName}Dimensions")),
                .. nodes.Select(node => Field(node, Named("OBJECT", NodeType(dataset, node)))),
            ]);
            yield return Type("OBJECT", $"{dataset.TypeName}Dimensions", fields: [.. dataset.Dimensions.Select(dimension => Field(dimension.Name, Of(dimension.Type)))]);
            foreach (var node in nodes)
                yield return Type("OBJECT", NodeType(dataset, node), fields:
                    [.. dataset.Aggregates.Where(aggregate => aggregate.Node == node).Select(aggregate => Field(aggregate.Name, Named("SCALAR", "float64")))]);
            yield return Type("INPUT_OBJECT", $"{dataset.TypeName}Filter_InputObject", inputs:
            [
                .. dataset.Dimensions.SelectMany(dimension => Condition.OperatorsOf(dimension.Type).Select(operation =>
                    Input(operation.Length == 0 ? dimension.Name : $"{dimension.Name}_{operation}", operation is "in" or "notin" or "hasall" or "hasany" ? ListOf(Of(dimension.Type)) : Of(dimension.Type)))),
                Input("AND", ListOf(Named("INPUT_OBJECT", $"{dataset.TypeName}Filter_InputObject"))),
                Input("OR", ListOf(Named("INPUT_OBJECT", $"{dataset.TypeName}Filter_InputObject"))),
            ]);
            yield return Type("ENUM", $"{dataset.TypeName}OrderBy", values:
            [
                .. from name in dataset.Dimensions.Where(dimension => dimension.Type != Scalar.Strings).Select(dimension => dimension.Name)
                       .Append("count").Concat(dataset.Aggregates.Select(aggregate => aggregate.OrderName))
                   from direction in new[] { "ASC", "DESC" }
                   select new JsonObject { ["name"] = $"{name}_{direction}", ["description"] = null, ["isDeprecated"] = false, ["deprecationReason"] = null },
            ]);
        }
    }

    private static JsonNode[] Arguments(Dataset dataset) =>
    [
        Input("limit", new JsonObject { ["kind"] = "NON_NULL", ["name"] = null, ["ofType"] = Named("SCALAR", "uint64") }),
        Input("filter", Named("INPUT_OBJECT", $"{dataset.TypeName}Filter_InputObject")),
        Input("orderBy", ListOf(Named("ENUM", $"{dataset.TypeName}OrderBy"))),
    ];

    private static string NodeType(Dataset dataset, string node) => $"{dataset.TypeName}{char.ToUpperInvariant(node[0])}{node[1..]}";

    private static JsonObject Of(Scalar type) => type switch
    {
        Scalar.Number => Named("SCALAR", "float64"),
        Scalar.Time => Named("SCALAR", "Time"),
        Scalar.Date => Named("SCALAR", "Date"),
        Scalar.Strings => ListOf(Named("SCALAR", "string")),
        _ => Named("SCALAR", "string"),
    };

    private static JsonObject Named(string kind, string name) => new() { ["kind"] = kind, ["name"] = name, ["ofType"] = null };

    private static JsonObject ListOf(JsonObject item) => new() { ["kind"] = "LIST", ["name"] = null, ["ofType"] = item };

    private static JsonNode Field(string name, JsonObject type, params JsonNode[] arguments) => new JsonObject
    {
        ["name"] = name,
        ["description"] = null,
        ["args"] = new JsonArray(arguments),
        ["type"] = type,
        ["isDeprecated"] = false,
        ["deprecationReason"] = null,
    };

    private static JsonNode Input(string name, JsonObject type) => new JsonObject { ["name"] = name, ["description"] = null, ["type"] = type, ["defaultValue"] = null };

    private static JsonNode Type(string kind, string name, JsonNode[]? fields = null, JsonNode[]? inputs = null, JsonNode[]? values = null) => new JsonObject
    {
        ["kind"] = kind,
        ["name"] = name,
        ["description"] = null,
        ["fields"] = fields is null ? null : new JsonArray(fields),
        ["inputFields"] = inputs is null ? null : new JsonArray(inputs),
        ["interfaces"] = new JsonArray(),
        ["enumValues"] = values is null ? null : new JsonArray(values),
        ["possibleTypes"] = null,
        ["ofType"] = null,
    };
}
