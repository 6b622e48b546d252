using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>A response that was kept (`store`), for a reader and for the turn that goes on from it.</summary>
/// <param name="Turns">The conversation so far, this answer included, instructions not: they are never inherited.</param>
/// <param name="Json">The response object.</param>
/// <param name="InputItems">The list object of its input.</param>
public sealed record StoredResponse(string Id, IReadOnlyList<Turn> Turns, byte[] Json, byte[] InputItems);

/// <summary>The newest responses of one provider. Bounded: beyond either limit the oldest go.</summary>
public sealed class StoredResponses
{
    public const int Most = 1000;
    public const long MostBytes = 32 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredResponse> _responses = [];
    private readonly Queue<StoredResponse> _byAge = new();
    private long _bytes;

    public void Keep(StoredResponse response)
    {
        lock (_lock)
        {
            // The same request again makes the same response.
            _responses[response.Id] = response;
            _byAge.Enqueue(response);
            _bytes += Size(response);
            while (_byAge.Count > Most || _bytes > MostBytes)
            {
                var oldest = _byAge.Dequeue();
                _bytes -= Size(oldest);
                if (_responses.TryGetValue(oldest.Id, out var current) && ReferenceEquals(current, oldest))
                    _responses.Remove(oldest.Id);
            }
        }
    }

    public StoredResponse? Find(string id)
    {
        lock (_lock)
            return _responses.GetValueOrDefault(id);
    }

    public bool Remove(string id)
    {
        lock (_lock)
            return _responses.Remove(id);
    }

    public void Forget()
    {
        lock (_lock)
        {
            _responses.Clear();
            _byAge.Clear();
            _bytes = 0;
        }
    }

    private static long Size(StoredResponse response) =>
        response.Json.LongLength + response.InputItems.LongLength + response.Turns.Sum(turn => (long)turn.Text.Length * sizeof(char));
}
