using System.Collections.Frozen;
using GatewayOps.Emulator.Upstreams.OpenAi;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Every provider behind the gateway, by its slug.</summary>
public sealed class UpstreamDirectory : IDisposable
{
    private readonly HttpMessageInvoker http = ForwardedUpstream.Connect();
    private readonly FrozenDictionary<string, ProviderUpstream> upstreams;

    /// <exception cref="ArgumentException">An option names a provider that has no gateway path, or a base URL that is not http.</exception>
    public UpstreamDirectory(UpstreamsOptions options, TimeProvider time)
    {
        foreach (var slug in options.BaseUrls.Keys.Concat(options.AcceptedKeys.Keys))
            if (GatewayProvider.Find(slug) is null)
                throw new ArgumentException($"'{slug}' is no provider of the gateway.", nameof(options));
        foreach (var (slug, url) in options.BaseUrls)
            if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
                throw new ArgumentException($"The base URL of '{slug}' must be absolute http or https.", nameof(options));

        upstreams = GatewayProvider.All.ToFrozenDictionary(
            provider => provider.Slug,
            provider => new ProviderUpstream(provider, options.BaseUrls.TryGetValue(provider.Slug, out var url)
                ? new ForwardedUpstream(url, http)
                : new SimulatedOpenAi(time, options.AcceptedKeys.TryGetValue(provider.Slug, out var keys) ? keys.ToHashSet() : null)));
    }

    public ProviderUpstream this[GatewayProvider provider] => upstreams[provider.Slug];

    public ProviderUpstream? Find(string slug) => upstreams.GetValueOrDefault(slug);

    /// <summary>Every provider as at the start: no fault, nothing recorded.</summary>
    public void Reset()
    {
        foreach (var upstream in upstreams.Values)
        {
            upstream.Repair();
            upstream.Forget();
        }
    }

    public void Dispose() => http.Dispose();
}
