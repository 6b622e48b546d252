using System.Text;

namespace GatewayOps.Cli.Batch;

/// <summary>Lines for a pipe: in the order of the items, each as soon as those before it are there.</summary>
public sealed class OrderedWriter(TextWriter output) : IDisposable
{
    /// <summary>Items that may be under way before the oldest of them is there: what came early waits in memory.</summary>
    public const int Window = 4096;

    private readonly Dictionary<int, ReadOnlyMemory<byte>> _early = [];
    private readonly SemaphoreSlim _room = new(Window);
    private int _next;

    /// <summary>Returns when a further item may be asked for.</summary>
    public Task RoomAsync(CancellationToken cancellationToken) => _room.WaitAsync(cancellationToken);

    public async Task WriteAsync(BatchAnswer answer)
    {
        _early.Add(answer.Index, answer.Line);
        while (_early.Remove(_next, out var line))
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(line.Span));
            _next++;
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();
}
