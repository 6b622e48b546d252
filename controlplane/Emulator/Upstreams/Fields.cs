using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>The members of one JSON object of a request, read as strictly as the provider reads them. A null counts as absent.</summary>
/// <exception cref="RefusedException">From every member that has the wrong type or is out of range.</exception>
public readonly struct Fields(JsonElement value, string path, FieldWords words)
{
    public JsonElement Value => value;

    public string Path => path;

    public FieldWords Words => words;

    public static Fields Of(JsonElement value, string path, FieldWords words) =>
        value.ValueKind == JsonValueKind.Object ? new Fields(value, path, words) : throw words.WrongType(path, "an object", value);

    /// <summary>The member as it is; false when it is absent or null.</summary>
    public bool Has(string name, out JsonElement member) => value.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;

    public RefusedException Missing(string name) => words.Missing(words.Member(path, name));

    public string? Text(string name)
    {
        if (!Has(name, out var member))
            return null;
        return member.ValueKind == JsonValueKind.String ? member.GetString() : throw words.WrongType(words.Member(path, name), "a string", member);
    }

    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    public string? OneOf(string name, IReadOnlyList<string> allowed)
    {
        var text = Text(name);
        return text is null || allowed.Contains(text) ? text : throw words.NotOneOf(words.Member(path, name), text, allowed);
    }

    public bool? Flag(string name)
    {
        if (!Has(name, out var member))
            return null;
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.GetBoolean()
            : throw words.WrongType(words.Member(path, name), "a boolean", member);
    }

    public int? Whole(string name, int least = int.MinValue, int most = int.MaxValue)
    {
        if (!Has(name, out var member))
            return null;
        if (member.ValueKind != JsonValueKind.Number || !member.TryGetInt64(out var number))
            throw words.WrongType(words.Member(path, name), "an integer", member);
        if (number < least || number > most)
            throw words.OutOfRange(words.Member(path, name), number, number < least ? least : most, number < least, isWhole: true);
        return (int)number;
    }

    public double? Number(string name, double least, double most)
    {
        if (!Has(name, out var member))
            return null;
        if (member.ValueKind != JsonValueKind.Number || !member.TryGetDouble(out var number))
            throw words.WrongType(words.Member(path, name), "a number", member);
        if (number < least || number > most)
            throw words.OutOfRange(words.Member(path, name), number, number < least ? least : most, number < least, isWhole: false);
        return number;
    }

    public Fields? Object(string name) => Has(name, out var member) ? Of(member, words.Member(path, name), words) : null;

    public Fields RequiredObject(string name) => Object(name) ?? throw Missing(name);

    /// <summary>The member's elements, which must be objects; empty when it is absent.</summary>
    public IEnumerable<Fields> Objects(string name)
    {
        if (!Has(name, out var member))
            return [];
        var at = words.Member(path, name);
        return member.ValueKind == JsonValueKind.Array ? Items(member, at, words) : throw words.WrongType(at, "an array of objects", member);
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (!Has(name, out var member))
            return [];
        var at = words.Member(path, name);
        if (member.ValueKind != JsonValueKind.Array)
            throw words.WrongType(at, "an array of strings", member);
        var texts = new List<string>(member.GetArrayLength());
        foreach (var one in member.EnumerateArray())
            texts.Add(one.ValueKind == JsonValueKind.String ? one.GetString()! : throw words.WrongType(words.Item(at, texts.Count), "a string", one));
        return texts;
    }

    /// <summary>A text, or an array of texts.</summary>
    public IReadOnlyList<string> TextOrTexts(string name) =>
        Has(name, out var member) && member.ValueKind == JsonValueKind.String ? [member.GetString()!] : Texts(name);

    private static IEnumerable<Fields> Items(JsonElement array, string at, FieldWords words)
    {
        var index = 0;
        foreach (var one in array.EnumerateArray())
            yield return Of(one, words.Item(at, index++), words);
    }
}
