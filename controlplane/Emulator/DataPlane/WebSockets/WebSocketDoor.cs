using System.Net.WebSockets;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>
/// The gateway's URLs over `wss://` (contract 14): on the gateway itself a session of universal requests, on a provider a realtime session. The caller is
/// checked before the upgrade; what is refused is an HTTP answer.
/// </summary>
public sealed class WebSocketDoor(GatewayDoor door, RealtimeDoor realtime)
{
    public async Task HandleAsync(HttpContext context, string accountId, string gatewayId, string? provider)
    {
        var (response, gone) = (context.Response, context.RequestAborted);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await HttpDoor.RefuseAsync(response, GatewayError.NoUpgrade, gone);
            return;
        }
        var headers = SocketAuthorization.Headers(context.Request);
        var (arrival, refusal) = door.Enter(accountId, gatewayId, CallSurface.WebSocket, headers, context.Connection.RemoteIpAddress);
        if (arrival is null)
        {
            await HttpDoor.RefuseAsync(response, refusal!, gone);
            return;
        }
        var session = provider is null ? null : realtime.Open(arrival, provider, context.Request.Query);
        if (session is { Refusal: { } unknown })
        {
            await HttpDoor.RefuseAsync(response, unknown, gone);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(SocketAuthorization.Accepted(context.Request));
        using var channel = new SocketChannel(socket);
        try
        {
            if (session?.Session is { } open)
                await open.RunAsync(channel, gone);
            else
                await new UniversalSession(door, arrival, headers).RunAsync(channel, gone);
        }
        catch (Exception left) when (left is WebSocketException || (left is OperationCanceledException && gone.IsCancellationRequested))
        {
            // The client is gone; there is nobody to tell.
        }
    }
}
