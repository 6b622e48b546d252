using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>A member that is a text, an array of texts, an array of token numbers, or an array of such arrays.</summary>
public static class TextInputs
{
    /// <summary>One text for each input. Token numbers stay as they are written, which keeps what follows from them deterministic.</summary>
    public static IReadOnlyList<string> Read(JsonElement value, string path, FieldWords words)
    {
        if (value.ValueKind == JsonValueKind.String)
            return [value.GetString()!];
        if (value.ValueKind != JsonValueKind.Array)
            throw words.WrongType(path, "a string or an array", value);
        if (value.GetArrayLength() == 0)
            return [];
        if (value[0].ValueKind == JsonValueKind.Number)
            return [Tokens(value, path, words)];

        var texts = new List<string>(value.GetArrayLength());
        foreach (var one in value.EnumerateArray())
        {
            texts.Add(one.ValueKind switch
            {
                JsonValueKind.String => one.GetString()!,
                JsonValueKind.Array => Tokens(one, words.Item(path, texts.Count), words),
                _ => throw words.WrongType(words.Item(path, texts.Count), "a string or an array of integers", one),
            });
        }
        return texts;
    }

    private static string Tokens(JsonElement value, string path, FieldWords words)
    {
        var numbers = new List<int>(value.GetArrayLength());
        foreach (var one in value.EnumerateArray())
            numbers.Add(one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out var token) ? token : throw words.WrongType(words.Item(path, numbers.Count), "an integer", one));
        return string.Join(' ', numbers);
    }
}
