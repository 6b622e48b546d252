namespace GatewayOps.Rules.Compiling;

/// <summary>Rows by JSON pointer. In the table a segment `*` stands for any one segment and a last segment `**` for whatever follows; a named segment is preferred to both.</summary>
internal sealed class PointerTable<T>
    where T : class
{
    private readonly Node _root = new();

    public PointerTable(IEnumerable<KeyValuePair<string, T>> rows)
    {
        foreach (var (pointer, row) in rows)
        {
            var node = _root;
            foreach (var segment in pointer.Split('/').Skip(1))
                node = node.Below(segment);
            node.Row = row;
        }
    }

    /// <summary>Throws <see cref="KeyNotFoundException"/> for a pointer without a row.</summary>
    public T this[string pointer] => Find(_root, pointer.AsSpan()) ?? throw new KeyNotFoundException($"no row for {pointer}");

    private static T? Find(Node node, ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
            return node.Row;
        var end = rest[1..].IndexOf('/') is var slash and >= 0 ? slash + 1 : rest.Length;
        var named = node.Named.GetAlternateLookup<ReadOnlySpan<char>>();
        return (named.TryGetValue(rest[1..end], out var below) ? Find(below, rest[end..]) : null)
            ?? (node.Any is { } any ? Find(any, rest[end..]) : null)
            ?? node.Rest?.Row;
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Named { get; } = [];

        public Node? Any { get; private set; }

        public Node? Rest { get; private set; }

        public T? Row { get; set; }

        public Node Below(string segment) => segment switch
        {
            "*" => Any ??= new Node(),
            "**" => Rest ??= new Node(),
            _ => Named.TryGetValue(segment, out var below) ? below : Named[segment] = new Node(),
        };
    }
}
