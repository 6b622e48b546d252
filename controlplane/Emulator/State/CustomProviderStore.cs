namespace GatewayOps.Emulator.State;

/// <summary>The custom providers of an account. Safe for concurrent use; every method is one atomic step.</summary>
public sealed class CustomProviderStore(EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CustomProviderState> _bySlug = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>In no particular order.</summary>
    public IReadOnlyList<CustomProviderState> Providers
    {
        get
        {
            lock (_lock)
                return [.. _bySlug.Values];
        }
    }

    /// <summary>The provider that serves `custom-{slug}`. Null when there is none, or it is not enabled.</summary>
    public CustomProviderState? FindEnabled(string slug)
    {
        lock (_lock)
            return _bySlug.TryGetValue(slug, out var provider) && provider.Enable ? provider : null;
    }

    public CustomProviderState? Find(string id)
    {
        lock (_lock)
            return Named(id);
    }

    /// <summary>Null when the slug is taken. `make` gets the id and the time of the new provider.</summary>
    public CustomProviderState? Add(Func<Origin, CustomProviderState> make)
    {
        lock (_lock)
        {
            var provider = make(new Origin(Identifier.NewUuid(), clock.GetUtcNow(), ++_generation));
            return _bySlug.TryAdd(provider.Slug, provider) ? provider : null;
        }
    }

    /// <summary>`Provider` is null when there is none; the change is refused when its slug is another one's.</summary>
    public (CustomProviderState? Provider, bool SlugTaken) Change(string id, Func<CustomProviderState, CustomProviderState> change)
    {
        lock (_lock)
        {
            if (Named(id) is not { } provider)
                return (null, false);
            var changed = change(provider) with { ModifiedAt = clock.GetUtcNow(), Generation = ++_generation };
            if (changed.Slug != provider.Slug && _bySlug.ContainsKey(changed.Slug))
                return (provider, true);
            _bySlug.Remove(provider.Slug);
            _bySlug.Add(changed.Slug, changed);
            return (changed, false);
        }
    }

    public CustomProviderState? Remove(string id)
    {
        lock (_lock)
            return Named(id) is { } provider && _bySlug.Remove(provider.Slug) ? provider : null;
    }

    private CustomProviderState? Named(string id) => _bySlug.Values.FirstOrDefault(provider => provider.Id == id);

    /// <summary>What the store gives a new provider.</summary>
    public sealed record Origin(string Id, DateTimeOffset At, long Generation);
}
