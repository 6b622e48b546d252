using System.Runtime.InteropServices;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The only changes that the proxy makes to a body, as cuts in the caller's bytes: whatever is not named here leaves byte for byte as it came.
/// </summary>
public sealed class BodyEdits(ReadOnlyMemory<byte> bytes, JsonElement root)
{
    private static readonly byte[] IncludeUsage = """{"include_usage":true}"""u8.ToArray();

    public IReadOnlyList<ReadOnlyMemory<byte>> Apply(BodyChanges changes)
    {
        var (model, askForUsage, temperature) = changes;
        var hasProvider = root.TryGetProperty("provider"u8, out var provider) && provider.ValueKind is JsonValueKind.String or JsonValueKind.Null;
        if (model is null && temperature is null && !askForUsage && !hasProvider)
        {
            return [bytes];
        }

        var cuts = new List<(int Start, int Length, byte[] With)>(3);
        if (model is not null)
        {
            cuts.Add(Set("model", JsonSerializer.SerializeToUtf8Bytes(model)));
        }

        if (hasProvider)
        {
            cuts.Add(Removal("provider", provider));
        }

        if (temperature is { } degree)
        {
            cuts.Add(Set("temperature", JsonSerializer.SerializeToUtf8Bytes(degree)));
        }

        if (askForUsage)
        {
            cuts.Add(UsageCut());
        }

        return Pieces(cuts);
    }

    private (int Start, int Length, byte[] With) UsageCut() =>
        root.TryGetProperty("stream_options", out var options) && options.ValueKind is JsonValueKind.Object
            ? options.TryGetProperty("include_usage", out var asked)
                ? Replacement(asked, "true"u8.ToArray())
                : (Span(options).Start + 1, 0, options.EnumerateObject().Any() ? "\"include_usage\":true,"u8.ToArray() : "\"include_usage\":true"u8.ToArray())
            : Set("stream_options", IncludeUsage);

    // A new member goes first, right behind the brace. The body has members already: every dialect requires one.
    private (int Start, int Length, byte[] With) Set(string name, byte[] value) =>
        root.TryGetProperty(name, out var present)
            ? Replacement(present, value)
            : (bytes.Span.IndexOf((byte)'{') + 1, 0, [(byte)'"', .. System.Text.Encoding.ASCII.GetBytes(name), (byte)'"', (byte)':', .. value, (byte)',']);

    private (int Start, int Length, byte[] With) Replacement(JsonElement value, byte[] with)
    {
        var (start, length) = Span(value);
        return (start, length, with);
    }

    // Takes the comma behind the member, or the one before it where the member is the last.
    private (int Start, int Length, byte[] With) Removal(string name, JsonElement value)
    {
        var text = bytes.Span;
        var (valueStart, valueLength) = Span(value);
        var property = root.EnumerateObject().First(member => member.NameEquals(name));
        var start = Offset(JsonMarshal.GetRawUtf8PropertyName(property)) - 1;
        var end = valueStart + valueLength;
        var next = end + text[end..].IndexOfAnyExcept(" \t\r\n"u8);
        if (text[next] == ',')
        {
            return (start, next + 1 - start, []);
        }

        var before = text[..start].LastIndexOfAnyExcept(" \t\r\n"u8);
        return text[before] == ',' ? (before, end - before, []) : (start, end - start, []);
    }

    private (int Start, int Length) Span(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return (Offset(raw), raw.Length);
    }

    // The document was parsed from these very bytes, so a raw value is a slice of them.
    private int Offset(ReadOnlySpan<byte> slice) =>
        bytes.Span.Overlaps(slice, out var offset) ? offset : throw new InvalidOperationException("The document was parsed from other bytes.");

    private List<ReadOnlyMemory<byte>> Pieces(List<(int Start, int Length, byte[] With)> cuts)
    {
        // An insertion goes before a removal at the same place.
        cuts.Sort((a, b) => (a.Start, a.Length).CompareTo((b.Start, b.Length)));
        var pieces = new List<ReadOnlyMemory<byte>>((2 * cuts.Count) + 1);
        var at = 0;
        foreach (var (start, length, with) in cuts)
        {
            pieces.Add(bytes[at..start]);
            pieces.Add(with);
            at = start + length;
        }

        pieces.Add(bytes[at..]);
        pieces.RemoveAll(piece => piece.IsEmpty);
        return pieces;
    }
}

/// <summary>What routing and settings change in a body. Null leaves a member as it is.</summary>
public readonly record struct BodyChanges(string? Model, bool AskForUsage, double? Temperature);
