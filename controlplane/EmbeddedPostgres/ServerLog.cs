namespace GatewayOps.EmbeddedPostgres;

/// <summary>The newest lines of the server's log, bounded.</summary>
internal sealed class ServerLog
{
    private const int Lines = 200;
    private readonly Queue<string> lines = new(Lines);
    private readonly Lock gate = new();

    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }
        lock (gate)
        {
            if (lines.Count == Lines)
            {
                lines.Dequeue();
            }
            lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (gate)
        {
            return string.Join('\n', lines);
        }
    }
}
