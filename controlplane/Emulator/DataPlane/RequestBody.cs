using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>A request's body as it came, and the two members that the gateway looks at. Anything that is not a JSON object is opaque.</summary>
/// <param name="IsObject">The bytes are one JSON object.</param>
/// <param name="Model">Top-level `model`, when it is a string.</param>
/// <param name="Stream">Top-level `stream` is true.</param>
public sealed record RequestBody(ReadOnlyMemory<byte> Bytes, bool IsObject, string? Model, bool Stream)
{
    /// <summary>25 MB (contract 14).</summary>
    public const int Limit = 25 * 1024 * 1024;

    private int _modelStart;
    private int _modelEnd;

    /// <summary>Null when the body is larger than <see cref="Limit"/>; it is not read further then.</summary>
    public static async Task<RequestBody?> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await ReadBytesAsync(request, cancellationToken) is { } bytes ? Of(bytes) : null;

    /// <summary>Null when the body is larger than <see cref="Limit"/>.</summary>
    public static async Task<byte[]?> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is not { } length)
            return await ReadChunkedAsync(request, cancellationToken);
        if (length > Limit)
            return null;
        var bytes = length == 0 ? [] : new byte[length];
        for (int at = 0, read; at < bytes.Length; at += read)
            if ((read = await request.Body.ReadAsync(bytes.AsMemory(at), cancellationToken)) == 0)
                return bytes[..at];
        return bytes;
    }

    private static async Task<byte[]?> ReadChunkedAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + read > Limit)
                return null;
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    public static RequestBody Of(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Scan(bytes);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return new RequestBody(bytes, IsObject: false, Model: null, Stream: false);
        }
    }

    /// <summary>The same bytes with another model: nothing else of the body changes.</summary>
    public RequestBody WithModel(string model)
    {
        byte[] bytes = [.. Bytes.Span[.._modelStart], .. Encoding.UTF8.GetBytes(WireJson.Text(model)), .. Bytes.Span[_modelEnd..]];
        return Of(bytes);
    }

    /// <summary>The bytes as an array, without a copy where they are one already.</summary>
    public byte[] ToArray() =>
        MemoryMarshal.TryGetArray(Bytes, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : Bytes.ToArray();

    private static RequestBody Scan(ReadOnlyMemory<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes.Span);
        string? model = null;
        var (stream, start, end) = (false, 0, 0);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return new RequestBody(bytes, IsObject: false, Model: null, Stream: false);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue; // the end of the object, and then nothing but the end
            var isModel = reader.ValueTextEquals("model"u8);
            var isStream = reader.ValueTextEquals("stream"u8);
            reader.Read();
            if (isModel)
            {
                model = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
            }
            if (isStream)
                stream = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }
        return new RequestBody(bytes, IsObject: true, model, stream) { _modelStart = start, _modelEnd = end };
    }
}
