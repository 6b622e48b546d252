using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>From bytes to JSON: size, syntax, depth, duplicate keys and valid Unicode.</summary>
internal static class DocumentText
{
    public const int MaxBytes = 4 * 1024 * 1024;
    public const int MaxNameLength = 256;
    public const int MaxNumberLength = 64;

    public static JsonDocumentOptions Options => new() { MaxDepth = 32 };

    public static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> utf8) => utf8 is [0xEF, 0xBB, 0xBF, ..] ? utf8[3..] : utf8;

    /// <summary>The document, or null when there is nothing to look at further. All text in it can be read.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, ErrorList errors)
    {
        if (utf8.Length > MaxBytes)
        {
            errors.Add(RuleSetErrorCodes.TooLarge, JsonPointer.Root, $"A rule set has at most {MaxBytes} bytes; this one has {utf8.Length}. Split it into several files.");
            return null;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8[^WithoutByteOrderMark(utf8.Span).Length..], Options);
        }
        catch (JsonException e)
        {
            errors.Add(RuleSetErrorCodes.InvalidJson, JsonPointer.Root, SyntaxMessage(e));
            return null;
        }

        if (AllTextIsReadable(document.RootElement, JsonPointer.Root, errors))
            return document;
        document.Dispose();
        return null;
    }

    private static string SyntaxMessage(JsonException e)
    {
        // The position is in the exception's properties; its text repeats it and is cut off there. It may quote a byte of the document, hence Quote.
        var reason = e.Message.Split(" LineNumber:")[0];
        return $"Not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {Quote.Line(reason)}";
    }

    // Also finds duplicate keys, which the parser lets pass one after the other: all of them are wanted, each with its place.
    private static bool AllTextIsReadable(JsonElement value, JsonPointer at, ErrorList errors)
    {
        var readable = true;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>();
                foreach (var member in value.EnumerateObject())
                {
                    if (NameOf(member) is not { Length: <= MaxNameLength } name)
                    {
                        errors.Add(RuleSetErrorCodes.InvalidText, at, $"A field name here is not valid Unicode or longer than {MaxNameLength} characters. Write it as plain UTF-8.");
                        readable = false;
                        continue;
                    }

                    if (!names.Add(name))
                        errors.Add(RuleSetErrorCodes.DuplicateKey, at.Then(name), $"{Quote.Text(name)} is given twice; readers would disagree about which one counts. Remove one.");
                    readable &= AllTextIsReadable(member.Value, at.Then(name), errors);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    readable &= AllTextIsReadable(item, at.Then(index++), errors);
                break;
            case JsonValueKind.String when TextOf(value) is null:
                errors.Add(RuleSetErrorCodes.InvalidText, at, "This text is not valid Unicode (broken UTF-8 or half of a surrogate pair). Write it as plain UTF-8.");
                readable = false;
                break;
            case JsonValueKind.Number when value.GetRawText().Length > MaxNumberLength:
                errors.Add(RuleSetErrorCodes.OutOfRange, at, $"A number has at most {MaxNumberLength} characters.");
                readable = false;
                break;
        }

        return readable;
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
