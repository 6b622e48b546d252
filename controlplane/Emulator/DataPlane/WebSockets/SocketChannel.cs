using System.Net.WebSockets;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>The messages of one socket: whole ones in, bounded in size; JSON out, one at a time, whoever sends.</summary>
public sealed class SocketChannel(WebSocket socket) : IDisposable
{
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <summary>The next text message; null when the client closes, breaks off, or sends what is no text or too large: then the socket is closed.</summary>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                    return await CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
                if (part.MessageType == WebSocketMessageType.Binary)
                    return await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "Messages are JSON text", cancellationToken);
                if (message.Length + part.Count > RequestBody.Limit)
                    return await CloseAsync(WebSocketCloseStatus.MessageTooBig, "The message is larger than 25 MB", cancellationToken);
                message.Write(_buffer, 0, part.Count);
                if (part.EndOfMessage)
                    return message.ToArray();
            }
        }
        catch (WebSocketException)
        {
            return null; // the client went away without a word
        }
    }

    public async Task SendAsync(JsonObject message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(WireJson.Bytes(message), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task<byte[]?> CloseAsync(WebSocketCloseStatus status, string reason, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
        return null;
    }
}
