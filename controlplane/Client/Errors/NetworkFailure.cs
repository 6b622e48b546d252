using System.ClientModel;

namespace GatewayOps.Client.Errors;

/// <summary>What the network did, as a kind of failure.</summary>
internal static class NetworkFailure
{
    public static GatewayException Of(Exception e, Wire.TimeLimit limit, string host, string variable, string? requestId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var failure = new GatewayFailure(null, null, requestId);
        return Cause(e) switch
        {
            OperationCanceledException when limit.Passed => new GatewayTimeoutException($"Nothing came from {host} within {limit.Limit.TotalSeconds:0.###} s. A cold model takes about ten: raise Timeout if it is below that.", failure, limit.Limit, e),
            // Of the client that the caller gave.
            OperationCanceledException { InnerException: TimeoutException } => new GatewayTimeoutException($"The HttpClient that was given waited no longer for {host}: make its Timeout infinite, and set this library's.", failure, limit.Limit, e),
            // The connection was there, and ended: within the body, or before a byte of the answer.
            IOException or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException } =>
                new GatewayTruncatedException($"The answer of {host} broke off.", failure, e),
            HttpRequestException { HttpRequestError: var kind } => new GatewayException($"{host} cannot be reached ({kind}). Check {variable} and the network.", failure, e),
            _ => new GatewayException($"The call to {host} failed: {e.GetType().Name}.", failure, e),
        };
    }

    // The SDK wraps what the transport throws.
    private static Exception Cause(Exception e) => e is ClientResultException or AggregateException && e.InnerException is { } inner ? Cause(inner) : e;
}
