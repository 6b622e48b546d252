namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// A provider at its own address with our key. Host, path and credentials come from the provider's row alone; nothing of the caller's chooses them, and what is meant for a gateway
/// (cf-aig-*) is not sent.
/// </summary>
public sealed partial class DirectUpstream(DirectConnections connections, ProviderTable providers, TimeProvider time, ILogger<DirectUpstream> log) : IUpstream
{
    // Anthropic refuses a call without it; a caller's own version goes before ours. Source: Anthropic, API versions.
    private const string AnthropicVersion = "anthropic-version";
    private const string OldestAnthropicVersion = "2023-06-01";

    public async Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        var provider = request.Provider;
        using var message = UpstreamMessage.Of(request, Address(provider, request.Operation), name => !name.StartsWith("cf-", StringComparison.OrdinalIgnoreCase));
        AddHeaders(message, request);
        try
        {
            return new UpstreamAnswer(await connections.SendAsync(message, provider.AllowPrivate, cancellationToken), time) { CacheStatus = "bypass" };
        }
        catch (HttpRequestException e) when (e.InnerException is AddressRefusedException)
        {
            Refused(provider.Slug, $"{ProviderOptions.SectionOf(provider.Slug)}");
            throw;
        }
    }

    private static Uri Address(UpstreamProvider provider, string operation) => new(provider.BaseUrl!.ToString().TrimEnd('/') + provider.Paths[operation]);

    private void AddHeaders(HttpRequestMessage message, UpstreamRequest request)
    {
        var headers = message.Headers;
        var isMessages = request.Operation == Operations.Messages;
        if (isMessages && !headers.Contains(AnthropicVersion))
        {
            headers.AddText(AnthropicVersion, OldestAnthropicVersion);
        }

        if (request.OwnKeys.Count == 0 && providers.KeyOf(request.Provider.Slug) is { } key)
        {
            var header = isMessages ? request.Provider.MessagesKeyHeader : request.Provider.KeyHeader;
            headers.Remove(header);
            headers.AddText(header, header == UpstreamProvider.Authorization ? $"Bearer {key}" : key);
        }
    }

    [LoggerMessage(3500, LogLevel.Error, "The host of {Provider} leads to an address that is not of the public Internet, so it is not connected to: correct {Setting}:BaseUrl, or set {Setting}:AllowPrivate=true for a machine of your own")]
    private partial void Refused(string provider, string setting);
}

/// <summary>Asks each provider in the way that the settings say.</summary>
public sealed class UpstreamSwitch(GatewayUpstream gateway, DirectUpstream direct) : IUpstream
{
    public Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) =>
        request.Provider.IsDirect ? direct.SendAsync(request, cancellationToken) : gateway.SendAsync(request, cancellationToken);
}
