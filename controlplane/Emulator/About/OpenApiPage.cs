using System.Reflection;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.About;

/// <summary>The emulator's own OpenAPI document, made of its endpoints and of the shapes that check their bodies.</summary>
public static class OpenApiPage
{
    /// <summary>Of the program, as the document names it.</summary>
    public static string Version { get; } =
        typeof(OpenApiPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static JsonObject Of(IReadOnlyList<Operation> operations, string accountId)
    {
        var paths = new JsonObject();
        foreach (var path in operations.GroupBy(operation => operation.Path))
            paths[path.Key] = new JsonObject(path.Select(operation => KeyValuePair.Create<string, JsonNode?>(operation.Method.ToLowerInvariant(), Of(operation))));
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "GatewayOps emulator of Cloudflare AI Gateway",
                ["version"] = Version,
                ["description"] = $"What this emulator answers, from its own endpoints. Account {accountId}. Not Cloudflare's document.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray([.. operations.Select(operation => operation.Area).Distinct().Order(StringComparer.Ordinal).Select(area => new JsonObject { ["name"] = area })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["email"] = Header("X-Auth-Email"),
                    ["key"] = Header("X-Auth-Key"),
                    ["gatewayToken"] = Header("cf-aig-authorization"),
                },
            },
        };
    }

    private static JsonObject Of(Operation operation)
    {
        var json = new JsonObject
        {
            ["operationId"] = Id(operation),
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Area),
        };
        if (operation.Permissions.Count > 0)
        {
            json["description"] = $"Needs {string.Join(" and ", operation.Permissions)}.";
            json["x-permissions"] = new JsonArray([.. operation.Permissions.Select(name => JsonValue.Create(name))]);
        }
        if (Security(operation) is { Count: > 0 } security)
            json["security"] = security;
        var parameters = operation.PathParameters.Select(name => Parameter(name, "path", new JsonObject { ["type"] = "string" }, required: true))
            .Concat(operation.Query.Select(asked => Parameter(
                asked.Name, "query", asked.Repeats ? new JsonObject { ["type"] = "array", ["items"] = asked.Shape.Schema } : asked.Shape.Schema, asked.Required))).ToArray();
        if (parameters.Length > 0)
            json["parameters"] = new JsonArray(parameters);
        if (operation.Body is { } body)
        {
            json["requestBody"] = new JsonObject
            {
                ["required"] = body.Required,
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = body.Shape.Schema } },
            };
        }
        json["responses"] = new JsonObject
        {
            ["2XX"] = new JsonObject { ["description"] = "Done." },
            ["default"] = new JsonObject { ["description"] = "Refused, in the error shape of the surface." },
        };
        return json;
    }

    private static JsonArray Security(Operation operation) => operation.Path switch
    {
        _ when operation.Permissions.Count > 0 || operation.Path.StartsWith("/client/v4", StringComparison.Ordinal) =>
            new JsonArray(new JsonObject { ["token"] = new JsonArray() }, new JsonObject { ["email"] = new JsonArray(), ["key"] = new JsonArray() }),
        _ when operation.Path.StartsWith("/v1/", StringComparison.Ordinal) => new JsonArray(new JsonObject(), new JsonObject { ["gatewayToken"] = new JsonArray() }),
        _ => [],
    };

    private static JsonNode Parameter(string name, string place, JsonObject schema, bool required)
    {
        var json = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = schema };
        if (required)
            json["required"] = true;
        return json;
    }

    // Unique, because method and path are.
    private static string Id(Operation operation) =>
        $"{operation.Method.ToLowerInvariant()}{string.Concat(operation.Path.Split('/', '.').Select(segment => segment.Trim('{', '}')).Select(segment => segment.Length == 0 ? "" : $"_{segment}"))}";

    private static JsonObject Header(string name) => new() { ["type"] = "apiKey", ["in"] = "header", ["name"] = name };
}
