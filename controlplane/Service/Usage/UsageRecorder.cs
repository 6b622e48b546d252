using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Takes records off the request path. Never waits: what does not fit is dropped and counted.</summary>
public sealed class UsageRecorder(IOptions<UsageOptions> options, UsageMetrics metrics)
{
    private readonly Channel<UsageRecord> _records = Channel.CreateBounded<UsageRecord>(
        new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });

    public bool TryWrite(UsageRecord record)
    {
        if (_records.Writer.TryWrite(record))
        {
            return true;
        }

        metrics.Dropped(1);
        return false;
    }

    internal ChannelReader<UsageRecord> Reader => _records.Reader;

    /// <summary>No more records come; the writer ends when it has written what is there.</summary>
    internal void Complete() => _records.Writer.TryComplete();
}
