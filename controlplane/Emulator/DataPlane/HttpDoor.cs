using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>The door of one call per request: `/{provider}/{path}` and `/compat/chat/completions`.</summary>
public sealed class HttpDoor(GatewayDoor door)
{
    /// <param name="segment">The provider's slug, or `compat`.</param>
    /// <param name="rest">The path behind it, percent-encoded, without a leading slash.</param>
    public async Task HandleAsync(HttpContext context, string accountId, string gatewayId, string segment, string rest)
    {
        var (request, response, gone) = (context.Request, context.Response, context.RequestAborted);
        var surface = segment == CallTarget.CompatSegment ? CallSurface.Compat : CallSurface.Native;
        var (arrival, refusal) = door.Enter(accountId, gatewayId, surface, request.Headers, context.Connection.RemoteIpAddress);
        if (arrival is null)
        {
            await RefuseAsync(response, refusal!, gone);
            return;
        }
        if (await RequestBody.ReadAsync(request, gone) is not { } body)
        {
            await RefuseAsync(response, GatewayError.BodyTooLarge, gone);
            return;
        }
        var wish = new CallWish(segment, rest, request.QueryString.ToUriComponent(), request.Method, body, arrival.Headers, arrival.Directives);
        await using var answer = await door.RunAsync(arrival, wish, gone);
        await HttpAnswer.WriteAsync(response, arrival, answer, gone);
    }

    /// <summary>An error before there is an arrival: its ids are the answer's own.</summary>
    public static async Task RefuseAsync(HttpResponse response, GatewayError error, CancellationToken gone)
    {
        var directives = RequestDirectives.Read(response.HttpContext.Request.Headers);
        response.Headers["cf-aig-request-id"] = Identifier.NewUuid();
        response.Headers["cf-aig-event-id"] = directives.EventId ?? Identifier.NewUuid();
        await error.WriteAsync(response, gone);
    }
}
