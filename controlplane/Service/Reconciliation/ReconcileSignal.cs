using System.Threading.Channels;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>"Look now", to this replica. It carries nothing, so any number of signals while a look is under way are one.</summary>
public sealed class ReconcileSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void LookNow() => _channel.Writer.TryWrite(true);

    internal IAsyncEnumerable<bool> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);
}
