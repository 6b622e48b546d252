using System.Text.Json;

namespace GatewayOps.Tests.Contract;

/// <summary>One documented answer: its media types and their schemas.</summary>
internal sealed class ApiAnswer(OpenApiDocument document, JsonElement answer)
{
    private const string Anything = "*/*";

    private readonly Dictionary<string, JsonSchema> _contents = Contents(document, answer);

    public static Dictionary<string, JsonSchema> Contents(OpenApiDocument document, JsonElement holder) =>
        holder.GetProperty("content").EnumerateObject().ToDictionary(content => content.Name, content => document.Schema(content.Value.GetProperty("schema")));

    public JsonSchema? Schema(string contentType) => _contents.GetValueOrDefault(contentType);

    public IEnumerable<Violation> Violations(string? contentType, ReadOnlyMemory<byte> body)
    {
        // A stored body comes as it was stored: it need not be what its type says.
        if (_contents.ContainsKey(Anything))
            return [];
        if (contentType is null || !_contents.TryGetValue(contentType, out var schema))
            return [new("Content-Type", $"{contentType ?? "none"} is not one of {string.Join(", ", _contents.Keys)}")];
        return JsonBody.TryParse(body) is { } value ? schema.Violations(value, Traffic.Response) : [new("", "the body is no JSON")];
    }
}

/// <summary>JSON from the wire.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null when it is none, or names a member twice.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonElement.Parse(utf8.Span, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
