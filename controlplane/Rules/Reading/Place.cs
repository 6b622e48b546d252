using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>A value in a checked document. A member that is absent, or that an error was reported for, reads as null.</summary>
internal readonly record struct Place(JsonElement Value, JsonPointer At, ErrorList Errors)
{
    public Place? this[string name] =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var member) && Errors.IsSoundAt(At.Then(name))
            ? new Place(member, At.Then(name), Errors)
            : null;

    public IEnumerable<Place> Items
    {
        get
        {
            var (at, errors) = (At, Errors);
            return Value.EnumerateArray().Select((item, index) => new Place(item, at.Then(index), errors));
        }
    }

    public string? Text(string name) => this[name]?.Value.GetString();

    public string[] Texts(string name) => this[name] is { } list && Errors.IsSound(list.At) ? [.. list.Value.EnumerateArray().Select(item => item.GetString()!)] : [];

    public bool? Flag(string name) => this[name]?.Value.GetBoolean();

    public int? Integer(string name) =>
        this[name] is { } number && ExactNumber.Parse(number.Value.GetRawText()).TryGetInt64(out var whole) ? (int)whole : null;
}
