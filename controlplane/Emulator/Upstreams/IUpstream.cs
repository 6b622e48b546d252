namespace GatewayOps.Emulator.Upstreams;

/// <summary>One provider as the gateway sees it: a request goes in, a status, headers and a body come out.</summary>
public interface IUpstream
{
    /// <summary>Returns when status and headers are known; the body is read afterwards.</summary>
    /// <exception cref="UpstreamUnreachableException">No answer came: refused, reset, or cut before the first byte.</exception>
    Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken);
}

/// <summary>What the gateway sends to a provider.</summary>
/// <param name="Path">Below the provider's prefix, without a leading slash.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Headers">End-to-end headers, the provider's credential among them; none of the gateway's own.</param>
/// <param name="Streamed">Whether the body asks for an event stream.</param>
public sealed record UpstreamRequest(
    GatewayProvider Provider,
    string Method,
    string Path,
    string Query,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    ReadOnlyMemory<byte> Body,
    bool Streamed)
{
    /// <summary>The address at the real provider, whether or not the request goes there.</summary>
    public string Url => Provider.Url(Path) + Query;

    public string? Header(string name)
    {
        foreach (var (key, value) in Headers)
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        return null;
    }

    /// <summary>The credential that the provider would look at; null when there is none.</summary>
    public string? Credential()
    {
        foreach (var name in Provider.AuthHeaders)
        {
            if (Header(name) is not { } value)
                continue;
            var key = name == "authorization" ? ProviderKey.FromAuthorization(Provider, value) : value.Trim();
            if (!string.IsNullOrEmpty(key))
                return key;
        }
        return null;
    }
}

/// <summary>The connection to the provider broke. Before the first byte a gateway may try again; afterwards nobody can.</summary>
public sealed class UpstreamUnreachableException(string message, Exception? inner = null) : IOException(message, inner);
