using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>A parameter of a path or a query.</summary>
internal sealed class ApiParameter
{
    private readonly bool _required;
    private readonly bool _isJson;
    private readonly JsonSchema _schema;

    public ApiParameter(OpenApiDocument document, JsonElement parameter)
    {
        (Name, In) = (parameter.GetProperty("name").GetString()!, parameter.GetProperty("in").GetString()!);
        _required = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
        _isJson = parameter.TryGetProperty("content", out var content);
        _schema = document.Schema((_isJson ? content.GetProperty("application/json") : parameter).GetProperty("schema"));
    }

    public string Name { get; }

    /// <summary>`path` or `query`.</summary>
    public string In { get; }

    /// <param name="texts">The parameter as often as it is given, decoded.</param>
    public IEnumerable<Violation> Violations(IReadOnlyList<string> texts)
    {
        var pointer = $"{In}/{Name}";
        if (texts.Count == 0)
            return _required ? [new(pointer, "required")] : [];
        if (texts.Count > 1 && !_schema.Types.Contains("array"))
            return [new(pointer, "is given more than once")];
        return Value(texts) is { } value ? _schema.Violations(value, Traffic.Request, pointer) : [new(pointer, "is no JSON")];
    }

    // What the text stands for, as the schema has it: a number that is none stays a text, and breaks the schema.
    private JsonElement? Value(IReadOnlyList<string> texts)
    {
        if (_isJson)
            return JsonBody.TryParse(System.Text.Encoding.UTF8.GetBytes(texts[0]));
        if (_schema.Types.Contains("array"))
            return JsonSerializer.SerializeToElement(texts);
        var plain = _schema.Types.Contains("string") ? null : JsonBody.TryParse(System.Text.Encoding.UTF8.GetBytes(texts[0]));
        return plain ?? JsonSerializer.SerializeToElement(JsonValue.Create(texts[0]));
    }
}
