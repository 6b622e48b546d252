using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Management;

/// <summary>One item of `errors` or `messages` (contract section 1.2). `Code` is null where the service sends none.</summary>
public sealed record ApiError(int? Code, string Message)
{
    /// <summary>Where in the request: only AI Gateway's validation says it.</summary>
    public FieldPath? Path { get; init; }

    /// <summary>Member `source.pointer`: where in the body, for the APIs that say it so.</summary>
    public string? Pointer { get; init; }

    /// <summary>Member `error_chain`.</summary>
    public IReadOnlyList<ApiError> Chain { get; init; } = [];

    /// <summary>AI Gateway's validation failure: 7001 with a path.</summary>
    public static ApiError Invalid(FieldPath path, string message) => new(7001, message) { Path = path };

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (Code is { } code)
            json["code"] = code;
        json["message"] = Message;
        if (Path is not null)
            json["path"] = Path.ToJson();
        if (Pointer is not null)
            json["source"] = new JsonObject { ["pointer"] = Pointer };
        if (Chain.Count > 0)
            json["error_chain"] = new JsonArray([.. Chain.Select(link => link.ToJson())]);
        return json;
    }
}

/// <summary>A place in a request, from `body` or `query` inwards: names and array indexes.</summary>
public sealed record FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string? _name;
    private readonly int _index;

    private FieldPath(FieldPath? parent, string? name, int index) => (_parent, _name, _index) = (parent, name, index);

    public static FieldPath Body { get; } = new(null, "body", 0);

    public static FieldPath Query { get; } = new(null, "query", 0);

    public FieldPath this[string name] => new(this, name, 0);

    public FieldPath this[int index] => new(this, name: null, index);

    /// <summary>As a JSON pointer into the body: `/policies/0/effect`.</summary>
    public string ToPointer() => _parent is null ? "" : $"{_parent.ToPointer()}/{_name ?? _index.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    public JsonArray ToJson()
    {
        var path = _parent?.ToJson() ?? [];
        path.Add(_name is null ? JsonValue.Create(_index) : JsonValue.Create(_name));
        return path;
    }
}
