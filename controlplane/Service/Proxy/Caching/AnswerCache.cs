using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.Caching;

/// <summary>
/// Answers in memory, each for its time, the least recently used leaving first when there is no room. The framework's MemoryCache refuses entries when it is full and evicts later
/// and by guess; here the bound holds at every moment.
/// </summary>
public sealed class AnswerCache(IOptions<AttemptOptions> options, TimeProvider time)
{
    // One answer must not push out all others.
    private const int LargestShare = 4;

    private readonly long _capacity = options.Value.CacheBytes;
    private readonly Lock _lock = new();
    private readonly UseOrder<AnswerKey, Entry> _entries = new();
    private long _bytes;
    private long _evicted;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Answers that left before their time, for want of room.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    public KeptAnswer? Find(AnswerKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGet(key, out var entry))
            {
                return null;
            }

            if (time.GetElapsedTime(entry.At) >= entry.Ttl)
            {
                Remove(key, entry);
                return null;
            }

            _entries.Put(key, entry);
            return entry.Answer;
        }
    }

    /// <summary>Keeps an answer, in the place of an older one; not one that takes more than a quarter of the room.</summary>
    public void Keep(AnswerKey key, KeptAnswer answer, TimeSpan ttl)
    {
        if (answer.Bytes > _capacity / LargestShare || ttl <= TimeSpan.Zero)
        {
            return;
        }

        lock (_lock)
        {
            if (_entries.TryGet(key, out var older))
            {
                Remove(key, older);
            }

            while (_bytes + answer.Bytes > _capacity && _entries.TryGetOldest(out var unused, out var entry))
            {
                Remove(unused, entry);
                _evicted++;
            }

            _entries.Put(key, new Entry(answer, time.GetTimestamp(), ttl));
            _bytes += answer.Bytes;
        }
    }

    private void Remove(AnswerKey key, Entry entry)
    {
        _entries.Remove(key);
        _bytes -= entry.Answer.Bytes;
    }

    private sealed record Entry(KeptAnswer Answer, long At, TimeSpan Ttl);
}
