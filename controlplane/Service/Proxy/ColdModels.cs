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
    private readonly UseOrder<(string Provider, string Model), long> _asked = new();

    /// <summary>Takes note of a call; true where there was none within the window before it.</summary>
    public bool Touch(string provider, string model)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var isKnown = _asked.TryGet((provider, model), out var before);
            if (!isKnown && _asked.Count == Most)
            {
                _asked.RemoveOldest();
            }

            _asked.Put((provider, model), now);
            return !isKnown || time.GetElapsedTime(before, now) >= options.Value.ColdAfter;
        }
    }
}
