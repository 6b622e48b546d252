using System.Diagnostics.CodeAnalysis;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Entries by key in the order in which they were put, the oldest first: what a bounded memory forgets by. Not safe for several threads: its owner looks and changes in one step, under a lock
/// of its own.
/// </summary>
public sealed class UseOrder<TKey, TValue>
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _oldestFirst = new();

    public int Count => _entries.Count;

    public IEnumerable<TValue> OldestFirst => _oldestFirst.Select(entry => entry.Value);

    /// <summary>Leaves the order as it is.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var isThere = _entries.TryGetValue(key, out var node);
        value = isThere ? node!.Value.Value : default;
        return isThere;
    }

    public bool TryGetOldest(out TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var isThere = _oldestFirst.First is not null;
        (key, value) = isThere ? _oldestFirst.First!.Value : default;
        return isThere;
    }

    /// <summary>Puts an entry at the end of the order, in the place of an older one of its key.</summary>
    public void Put(TKey key, TValue value)
    {
        if (!_entries.TryGetValue(key, out var node))
        {
            _entries.Add(key, _oldestFirst.AddLast((key, value)));
            return;
        }

        _oldestFirst.Remove(node);
        node.Value = (key, value);
        _oldestFirst.AddLast(node);
    }

    public void Remove(TKey key)
    {
        if (_entries.Remove(key, out var node))
        {
            _oldestFirst.Remove(node);
        }
    }

    public void RemoveOldest()
    {
        if (_oldestFirst.First is { } oldest)
        {
            Remove(oldest.Value.Key);
        }
    }
}
