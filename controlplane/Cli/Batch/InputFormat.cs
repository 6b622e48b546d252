using System.Text;
using System.Text.Json;

namespace GatewayOps.Cli.Batch;

/// <summary>How items stand in an input.</summary>
public enum InputFormat
{
    /// <summary>A JSON object a line.</summary>
    Lines,

    /// <summary>A JSON array of objects, or an object that has one as <see cref="InputFormats.Member"/>.</summary>
    Document,
}

/// <summary>Tells one from the other by the beginning, so that a data set of the older scripts is read as it is.</summary>
public static class InputFormats
{
    /// <summary>The member that holds the items of a data set. Source: checklist S4-02; data sets of agent-distillation.</summary>
    public const string Member = "examples";

    /// <param name="beginning">The first block, without a byte order mark.</param>
    public static InputFormat Of(ReadOnlySpan<byte> beginning)
    {
        var text = beginning.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("["u8))
        {
            return InputFormat.Document;
        }

        var end = text.IndexOf((byte)'\n');
        var first = end < 0 ? text : text[..end];
        var reader = new Utf8JsonReader(first, isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(Member))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.StartArray ? InputFormat.Document : InputFormat.Lines;
                }

                if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0)
                {
                    return InputFormat.Lines;
                }
            }
        }
        catch (JsonException)
        {
            return InputFormat.Lines; // what is wrong with the line is said when it is read
        }

        // An object that goes on behind the end of its line.
        return end >= 0 && first.StartsWith("{"u8) ? InputFormat.Document : InputFormat.Lines;
    }

    /// <summary>True where a byte order mark says that the text is no UTF-8.</summary>
    public static bool IsUtf16(ReadOnlySpan<byte> beginning) => beginning.StartsWith(Encoding.Unicode.Preamble) || beginning.StartsWith(Encoding.BigEndianUnicode.Preamble);
}
