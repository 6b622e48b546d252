using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>Our copy of Cloudflare's OpenAPI document, with the corrections of <see cref="DocumentPatches"/>.</summary>
internal sealed class OpenApiDocument
{
    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonSchema> _schemas = [];

    private OpenApiDocument(JsonElement root)
    {
        _root = root;
        foreach (var schema in root.GetProperty("components").GetProperty("schemas").EnumerateObject())
            _schemas.Add($"#/components/schemas/{schema.Name}", JsonSchema.Read(schema.Value, Resolve, schema.Name));
        Operations =
        [
            .. from path in root.GetProperty("paths").EnumerateObject()
               from method in path.Value.EnumerateObject()
               select new ApiOperation(this, path.Name, method.Name.ToUpperInvariant(), method.Value),
        ];
    }

    /// <summary>The document that client and emulator are held to.</summary>
    public static OpenApiDocument Cloudflare { get; } = Read(DocumentPatches.Applied(Source()));

    /// <summary>In the order of the document.</summary>
    public IReadOnlyList<ApiOperation> Operations { get; }

    public static OpenApiDocument Read(JsonNode document) => new(JsonSerializer.SerializeToElement(document));

    /// <summary>The copy as it lies in the repository.</summary>
    public static JsonNode Source() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contract", "openapi-aigateway.json")))!;

    public ApiOperation Operation(string id) => Operations.Single(operation => operation.Id == id);

    /// <summary>The operation of a call, null for a path or a method that the document does not have. A literal segment wins over a parameter.</summary>
    /// <param name="path">As on the wire, percent-encoded, below `/client/v4`.</param>
    public OperationCall? Find(string method, string path) =>
        Operations.Where(operation => operation.Method == method).Select(operation => operation.Match(path)).OfType<OperationCall>()
            .OrderByDescending(call => call.Operation.Literals, StringComparer.Ordinal).FirstOrDefault();

    public JsonSchema Schema(JsonElement schema) => JsonSchema.Read(schema, Resolve);

    public JsonSchema Schema(string name) => Resolve($"#/components/schemas/{name}");

    /// <summary>The element, or what its `$ref` names.</summary>
    public JsonElement Followed(JsonElement element) =>
        element.TryGetProperty("$ref", out var reference)
            ? reference.GetString()!.Split('/').Skip(1).Aggregate(_root, (at, name) => at.GetProperty(name))
            : element;

    /// <summary>The names of the schemas that answers refer to, and of those that these refer to.</summary>
    public IReadOnlyCollection<string> SchemasOfAnswers()
    {
        var names = new HashSet<string>();
        void Collect(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray())
                    Collect(item);
            if (element.ValueKind != JsonValueKind.Object)
                return;
            if (element.TryGetProperty("$ref", out var reference) && reference.GetString() is var pointer && (!pointer!.StartsWith("#/components/schemas/", StringComparison.Ordinal) || names.Add(pointer.Split('/')[^1])))
                Collect(Followed(element));
            foreach (var member in element.EnumerateObject())
                Collect(member.Value);
        }
        foreach (var path in _root.GetProperty("paths").EnumerateObject())
            foreach (var method in path.Value.EnumerateObject())
                Collect(method.Value.GetProperty("responses"));
        return names;
    }

    private JsonSchema Resolve(string reference) => _schemas[reference];
}
