using System.Collections.Concurrent;
using System.Collections.Frozen;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.WorkersAi;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Every provider behind the gateway, by its slug.</summary>
public sealed class UpstreamDirectory : IDisposable
{
    // Each request brings the address that the account gave its provider.
    private static readonly Uri Nowhere = new("https://custom.invalid");

    private readonly HttpMessageInvoker _http = ForwardedUpstream.Connect();
    private readonly FrozenDictionary<string, ProviderUpstream> _upstreams;
    private readonly ConcurrentDictionary<string, ProviderUpstream> _custom = [];
    private readonly Func<string, ProviderUpstream> _makeCustom;

    /// <exception cref="ArgumentException">An option names a provider that has no gateway path, or a base URL that is not http.</exception>
    public UpstreamDirectory(EmulatorOptions options, EmulatorClock clock, EmulatorState state)
    {
        foreach (var slug in options.Upstreams.Keys.Concat(options.UpstreamKeys.Keys).Concat(options.UpstreamModels.Keys))
            if (GatewayProvider.Find(slug) is null && !slug.StartsWith(GatewayProvider.CustomPrefix, StringComparison.Ordinal))
                throw new ArgumentException($"'{slug}' is no provider of the gateway.", nameof(options));
        foreach (var (slug, url) in options.Upstreams)
            if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
                throw new ArgumentException($"The base URL of '{slug}' must be absolute http or https.", nameof(options));

        _upstreams = GatewayProvider.All.ToFrozenDictionary(provider => provider.Slug, provider => New(provider, options, clock, state));
        _makeCustom = slug => New(GatewayProvider.Custom(slug, Nowhere), options, clock, state);
        state.WasReset += Reset;
    }

    public ProviderUpstream this[GatewayProvider provider] => Find(provider.Slug)!;

    /// <summary>A custom provider's upstream comes into being when it is first asked for: the account decides which of them have requests.</summary>
    public ProviderUpstream? Find(string slug) => _upstreams.TryGetValue(slug, out var found) ? found
        : slug.StartsWith(GatewayProvider.CustomPrefix, StringComparison.Ordinal) ? _custom.GetOrAdd(slug, _makeCustom)
        : null;

    public void Dispose() => _http.Dispose();

    private ProviderUpstream New(GatewayProvider provider, EmulatorOptions options, EmulatorClock clock, EmulatorState state)
    {
        var dialects = ProviderDialects.Of(provider);
        var knowledge = new ProviderKnowledge(provider.Slug, options, clock);
        if (options.Upstreams.TryGetValue(provider.Slug, out var url))
            return new ProviderUpstream(dialects, knowledge, new ForwardedUpstream(url, _http));
        // Cloudflare's own key is good everywhere: it is what Unified Billing sends.
        IReadOnlyList<string>? keys = options.UpstreamKeys.TryGetValue(provider.Slug, out var accepted) ? [.. accepted, ProviderKey.UnifiedBilling] : null;
        return new ProviderUpstream(dialects, knowledge, provider.Slug == GatewayProvider.WorkersAi
            ? new WorkersAiUpstream(knowledge, options, clock, state, keys)
            : new SimulatedProvider(dialects, knowledge, keys));
    }

    private void Reset()
    {
        foreach (var upstream in _upstreams.Values.Concat(_custom.Values))
            upstream.Reset();
    }
}
