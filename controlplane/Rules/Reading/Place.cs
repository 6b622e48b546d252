using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// A value in a checked document. A member that is absent, or that an error was reported for, reads as null; so does one of another type, which nothing has looked at when the kind of its
/// object is unknown.
/// </summary>
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

    public string? Text(string name) => this[name] is { Value.ValueKind: JsonValueKind.String } text ? text.Value.GetString() : null;

    public string[] Texts(string name) => this[name] is { } list && Errors.IsSound(list.At) ? [.. list.Value.EnumerateArray().Select(item => item.GetString()!)] : [];

    /// <summary>An object of texts; empty where any of them is faulty.</summary>
    public IReadOnlyDictionary<string, string> Table(string name) => this[name] is { } table && Errors.IsSound(table.At)
        ? table.Value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!)
        : new Dictionary<string, string>();

    public bool? Flag(string name) => this[name] is { Value.ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.Value.GetBoolean() : null;

    public int? Integer(string name) => (int?)Whole(name);

    public long? Whole(string name) => this[name] is { Value.ValueKind: JsonValueKind.Number } number && ExactNumber.Parse(number.Value.GetRawText()).TryGetInt64(out var whole) ? whole : null;

    /// <summary>Rounded to 28 digits.</summary>
    public decimal? Decimal(string name) => this[name] is { Value.ValueKind: JsonValueKind.Number } number ? decimal.Parse(number.Value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;
}
