namespace GatewayOps.Emulator.State;

/// <summary>A batch that was queued. Its answer is there from the start; who asks sees it when its time has come.</summary>
/// <param name="Result">The `result` of a poll that comes late enough: a JSON object.</param>
public sealed record AiBatch(string Id, string Model, DateTimeOffset QueuedAt, byte[] Result);

/// <summary>The queued batches of an account. Bounded: beyond <see cref="Most"/> the oldest go.</summary>
public sealed class AiBatchStore(EmulatorClock clock)
{
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AiBatch> _batches = [];
    private readonly Queue<string> _byAge = new();

    public AiBatch Add(string model, byte[] result)
    {
        var batch = new AiBatch(Identifier.NewUuid(), model, clock.GetUtcNow(), result);
        lock (_lock)
        {
            _batches.Add(batch.Id, batch);
            _byAge.Enqueue(batch.Id);
            if (_byAge.Count > Most)
                _batches.Remove(_byAge.Dequeue());
        }
        return batch;
    }

    public AiBatch? Find(string id)
    {
        lock (_lock)
            return _batches.GetValueOrDefault(id);
    }
}
