using System.Text.Json;

namespace GatewayOps.Tests.Contract;

/// <summary>A call of an operation: the path's parameters, decoded.</summary>
internal sealed record OperationCall(ApiOperation Operation, IReadOnlyDictionary<string, string> Path);

/// <summary>One operation of the document: which paths are its own, and what its requests and answers break.</summary>
internal sealed class ApiOperation
{
    private readonly string[] _segments;
    private readonly Dictionary<string, ApiParameter> _parameters;
    private readonly Dictionary<string, JsonSchema> _body;
    private readonly Dictionary<string, ApiAnswer> _answers;

    public ApiOperation(OpenApiDocument document, string template, string method, JsonElement operation)
    {
        (Template, Method, Id) = (template, method, operation.GetProperty("operationId").GetString()!);
        _segments = template.Split('/');
        Literals = string.Concat(_segments.Select(segment => IsParameter(segment) ? '0' : '1'));
        _parameters = operation.GetProperty("parameters").EnumerateArray().Select(parameter => new ApiParameter(document, parameter)).ToDictionary(parameter => parameter.Name);
        NeedsBody = operation.TryGetProperty("requestBody", out var body) && body.GetProperty("required").GetBoolean();
        _body = body.ValueKind == JsonValueKind.Object ? ApiAnswer.Contents(document, body) : [];
        _answers = operation.GetProperty("responses").EnumerateObject().ToDictionary(answer => answer.Name, answer => new ApiAnswer(document, document.Followed(answer.Value)));
    }

    /// <summary>`operationId`: createGateway.</summary>
    public string Id { get; }

    /// <summary>GET, POST, …</summary>
    public string Method { get; }

    /// <summary>Below `/client/v4`, parameters in braces.</summary>
    public string Template { get; }

    /// <summary>1 for a literal segment, 0 for a parameter: the greater, the closer a template names a path.</summary>
    public string Literals { get; }

    public bool NeedsBody { get; }

    /// <summary>The schema of the JSON answer with this status.</summary>
    public JsonSchema AnswerTo(int status) => Answer(status)!.Schema("application/json")!;

    /// <summary>Null when the path is not this operation's.</summary>
    public OperationCall? Match(string path)
    {
        var given = path.Split('/');
        if (given.Length != _segments.Length)
            return null;
        var values = new Dictionary<string, string>();
        foreach (var (own, other) in _segments.Zip(given))
        {
            if (IsParameter(own))
                values[own[1..^1]] = Uri.UnescapeDataString(other);
            else if (own != other)
                return null;
        }
        return values.ContainsValue("") ? null : new OperationCall(this, values);
    }

    /// <summary>What a request breaks; also members and parameters that the document does not know, since Cloudflare would ignore what was meant by them.</summary>
    public IReadOnlyList<Violation> RequestViolations(OperationCall call, IEnumerable<KeyValuePair<string, string>> query, string? contentType, ReadOnlyMemory<byte> body)
    {
        var texts = query.Where(pair => !IsFilterPart(pair.Key)).ToLookup(pair => pair.Key, pair => pair.Value);
        return
        [
            .. call.Path.SelectMany(value => _parameters[value.Key].Violations([value.Value])),
            .. texts.Where(text => !_parameters.ContainsKey(text.Key)).Select(text => new Violation($"query/{text.Key}", "the document knows no such parameter")),
            .. _parameters.Values.Where(parameter => parameter.In == "query").SelectMany(parameter => parameter.Violations([.. texts[parameter.Name]])),
            .. Body(contentType, body),
        ];
    }

    /// <summary>What an answer breaks.</summary>
    public IReadOnlyList<Violation> AnswerViolations(int status, string? contentType, ReadOnlyMemory<byte> body)
    {
        return Answer(status) is { } answer ? [.. answer.Violations(contentType, body)] : [new("status", $"{status} is not documented")];
    }

    public override string ToString() => $"{Id} ({Method} {Template})";

    private ApiAnswer? Answer(int status) => _answers.GetValueOrDefault($"{status}") ?? _answers.GetValueOrDefault($"{status / 100}XX");

    // The form of the SDK: the document names it in the description of `filters`, since no parameter of OpenAPI could.
    private bool IsFilterPart(string name) => _parameters.ContainsKey("filters") && name is "filters.key" or "filters.operator" or "filters.value";

    private IEnumerable<Violation> Body(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return NeedsBody ? [new("body", "required")] : [];
        if (contentType is null || !_body.TryGetValue(contentType, out var schema))
            return [new("body", _body.Count == 0 ? "this operation takes no body" : $"{contentType} is not one of {string.Join(", ", _body.Keys)}")];
        if (JsonBody.TryParse(body) is not { } value)
            return [new("body", "is no JSON")];
        return [.. schema.Violations(value, Traffic.Request, "body"), .. Unknown([schema], value, "body")];
    }

    private static IEnumerable<Violation> Unknown(IEnumerable<JsonSchema> schemas, JsonElement value, string pointer)
    {
        JsonSchema[] applying = [.. schemas.SelectMany(schema => schema.Applying(value, Traffic.Request))];
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().SelectMany((item, index) => Unknown(applying.Select(schema => schema.Items).OfType<JsonSchema>(), item, $"{pointer}/{index}"));
        // Where no schema says anything of members, every one may be there.
        if (value.ValueKind != JsonValueKind.Object || Array.TrueForAll(applying, schema => schema.Properties.Count == 0 && schema.AdditionalProperties is null))
            return [];
        return value.EnumerateObject().SelectMany(member => JsonSchema.OfMember(applying, member.Name).ToArray() is { Length: > 0 } known
            ? Unknown(known, member.Value, $"{pointer}/{member.Name}")
            : [new Violation($"{pointer}/{member.Name}", "the document knows no such member")]);
    }

    private static bool IsParameter(string segment) => segment.StartsWith('{');
}
