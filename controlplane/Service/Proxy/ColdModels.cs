using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Which models were asked lately, so that the first call to one, which may wait until the provider has loaded it, can be told from the others. Of this replica's calls only.
/// Bounded: models come from callers. One that was pushed out counts as cold.
/// </summary>
public sealed class ColdModels(IOptions<AttemptOptions> options, TimeProvider time)
{
    private const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Provider, string Model), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _oldestFirst = new();

    /// <summary>Takes note of a call; true where there was none within the window before it.</summary>
    public bool Touch(string provider, string model)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_entries.Remove((provider, model), out var known))
            {
                _oldestFirst.Remove(known);
            }
            else if (_entries.Count == Most)
            {
                _entries.Remove(_oldestFirst.First!.Value.Name);
                _oldestFirst.RemoveFirst();
            }

            _entries[(provider, model)] = _oldestFirst.AddLast(new Entry((provider, model), now));
            return known is null || time.GetElapsedTime(known.Value.At, now) >= options.Value.ColdAfter;
        }
    }

    private readonly record struct Entry((string Provider, string Model) Name, long At);
}
