namespace GatewayOps.EmbeddedPostgres;

/// <summary>The newest lines of the server's log, bounded.</summary>
internal sealed class ServerLog
{
    private const int Lines = 200;
    private readonly Queue<string> _lines = new(Lines);
    private readonly Lock _gate = new();

    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }
        lock (_gate)
        {
            if (_lines.Count == Lines)
            {
                _lines.Dequeue();
            }
            _lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return string.Join('\n', _lines);
        }
    }
}
