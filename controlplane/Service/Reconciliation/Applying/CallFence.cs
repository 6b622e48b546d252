namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// The last thing before a call that changes Cloudflare leaves: a call that waited for the limiter, or goes out again, may do so only under an epoch
/// that has just been proved. Throws <see cref="StaleEpochException"/>. Reads pass.
/// </summary>
internal sealed class CallFence(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<GatewayLock?> Holder = new();

    /// <summary>Makes the call under the lock.</summary>
    public static async Task<T> UnderAsync<T>(GatewayLock held, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        Holder.Value = held; // ends with this method
        return await call(cancellationToken);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Holder.Value is { } held)
        {
            await held.ProveForCallAsync(cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
