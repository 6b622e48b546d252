using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>An answer that can be given again.</summary>
public sealed record CachedAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body);

/// <summary>The answers that one gateway keeps (contract 14). Bounded: beyond <see cref="MostBytes"/> the oldest go.</summary>
public sealed class ResponseCache
{
    public const long MostBytes = 64 * 1024 * 1024;
    public const int MostEntries = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Queue<Entry> _byAge = new();
    private long _bytes;

    /// <summary>SHA-256 over provider, endpoint, model, the provider's key and the whole body. Metadata and the gateway's headers do not count.</summary>
    /// <param name="credential">The key itself: a signature made of it differs with every request.</param>
    public static string KeyOf(UpstreamRequest request, string model, string? credential)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Part(Encoding.UTF8.GetBytes($"{request.Provider.Slug} {request.Provider.Generation}"));
        Part(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.Query}"));
        Part(Encoding.UTF8.GetBytes(model));
        Part(Encoding.UTF8.GetBytes(credential ?? ""));
        Part(request.Body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        // Each part with its length: no two different requests run together to the same text.
        void Part(ReadOnlySpan<byte> bytes)
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }

    public CachedAnswer? Find(string key, long generation, DateTimeOffset now)
    {
        lock (_lock)
            return _entries.TryGetValue(key, out var entry) && entry.Generation == generation && now < entry.Expires ? entry.Answer : null;
    }

    public void Store(string key, CachedAnswer answer, long generation, DateTimeOffset expires)
    {
        if (answer.Body.Length > MostBytes / 4)
            return;
        var entry = new Entry(key, answer, generation, expires);
        lock (_lock)
        {
            _entries[key] = entry;
            _byAge.Enqueue(entry);
            _bytes += answer.Body.Length;
            // An entry that was replaced stays in the queue, and in the sum, until its turn comes.
            while (_bytes > MostBytes || _byAge.Count > MostEntries)
            {
                var oldest = _byAge.Dequeue();
                _bytes -= oldest.Answer.Body.Length;
                if (_entries.TryGetValue(oldest.Key, out var current) && ReferenceEquals(current, oldest))
                    _entries.Remove(oldest.Key);
            }
        }
    }

    private sealed record Entry(string Key, CachedAnswer Answer, long Generation, DateTimeOffset Expires);
}
