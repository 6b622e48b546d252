using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Gives an answer to an HTTP client: whole, or piece by piece as it comes.</summary>
public static class HttpAnswer
{
    /// <summary>Settles the answer and writes it. Disposing stays with the caller.</summary>
    /// <exception cref="BrokenAnswerException">The provider broke off a stream: it is cut for the client too and never looks finished.</exception>
    public static async Task WriteAsync(HttpResponse response, Arrival arrival, CallAnswer answer, CancellationToken gone)
    {
        answer.Settle();
        Start(response, arrival, answer);
        if (answer.IsStream)
            await RelayAsync(response, answer, gone);
        else if (answer.Whole.Length > 0)
        {
            response.ContentLength = answer.Whole.Length;
            await response.Body.WriteAsync(answer.Whole, gone);
        }
    }

    private static void Start(HttpResponse response, Arrival arrival, CallAnswer answer)
    {
        response.StatusCode = answer.Status;
        var headers = response.Headers;
        foreach (var (name, value) in answer.Headers)
            if (!RequestDirectives.IsOwn(name) && !value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                headers.Append(name, value);
        foreach (var (name, value) in answer.GatewayHeaders)
            headers[name] = value;
        Announce(headers, arrival);
        if (answer.CacheStatus is { } status)
            headers["cf-aig-cache-status"] = status;
        if (answer.LogId is { } id)
            headers["cf-aig-log-id"] = id;
        if (arrival.Surface == CallSurface.Universal)
            headers["cf-aig-step"] = answer.Step.ToString();
    }

    private static void Announce(IHeaderDictionary headers, Arrival arrival)
    {
        headers["cf-aig-request-id"] = arrival.RequestId;
        headers["cf-aig-event-id"] = arrival.EventId;
    }

    private static async Task RelayAsync(HttpResponse response, CallAnswer answer, CancellationToken gone)
    {
        try
        {
            await foreach (var piece in answer.PiecesAsync(gone))
            {
                await response.Body.WriteAsync(piece, gone);
                await response.Body.FlushAsync(gone);
            }
        }
        catch (UpstreamUnreachableException broken)
        {
            throw new BrokenAnswerException(broken);
        }
    }
}
