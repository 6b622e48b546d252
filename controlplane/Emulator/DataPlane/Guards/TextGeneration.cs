using System.Text.Json;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Calls that make text, told by their path, and the same calls without a stream.</summary>
public static class TextGeneration
{
    private static readonly string[] Paths = ["completions", "responses", "messages", "generatecontent", "converse", "invoke", "/chat"];

    public static bool Is(CallTarget target)
    {
        var path = target.Path.ToLowerInvariant();
        if (path.Contains("embed", StringComparison.Ordinal))
            return false;
        return target.Provider.Slug == GatewayProvider.WorkersAi || Paths.Any(part => path.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>Asks for the same in one piece: `stream` goes out of the body, and out of a path that says it there.</summary>
    public static CallTarget Whole(CallTarget target) => target with
    {
        Path = WholePath(target.Path),
        Query = target.Query.Replace("alt=sse&", "", StringComparison.Ordinal).Replace("&alt=sse", "", StringComparison.Ordinal).Replace("?alt=sse", "", StringComparison.Ordinal),
        Body = target.Body.Stream ? RequestBody.Of(WithoutStream(target.Body.Bytes)) : target.Body,
    };

    private static string WholePath(string path)
    {
        foreach (var (streamed, whole) in (ReadOnlySpan<(string, string)>)[(":streamGenerateContent", ":generateContent"), ("/invoke-with-response-stream", "/invoke"), ("/converse-stream", "/converse")])
            if (path.EndsWith(streamed, StringComparison.Ordinal))
                return path[..^streamed.Length] + whole;
        return path;
    }

    /// <summary>The members `stream` and `stream_options` go; every other byte of the others stays.</summary>
    private static byte[] WithoutStream(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        using var whole = new MemoryStream(body.Length);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, gone) = ((int)reader.TokenStartIndex, reader.ValueTextEquals("stream"u8) || reader.ValueTextEquals("stream_options"u8));
            reader.Skip();
            if (gone)
                continue;
            whole.WriteByte(whole.Length == 0 ? (byte)'{' : (byte)',');
            whole.Write(body.Span[start..(int)reader.BytesConsumed]);
        }
        whole.Write(whole.Length == 0 ? "{}"u8 : "}"u8);
        return whole.ToArray();
    }
}
