using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// Cloudflare AI Gateway's data plane with stored provider keys. The proxy is the one executor of retries and fallback,
/// so every call carries `cf-aig-max-attempts: 1`. Source: Cloudflare contract, sections 11 and 12.
/// </summary>
public sealed class GatewayUpstream(UpstreamConnections connections, IOptions<CloudflareAccountOptions> options, TimeProvider time) : IUpstream
{
    /// <summary>Callers name gateways: of addresses beyond these each is made when it is asked for.</summary>
    public const int MostAddresses = 1000;

    private readonly CloudflareAccountOptions _account = options.Value;
    private readonly string? _authorization = options.Value.GatewayToken is { Length: > 0 } token ? $"Bearer {token}" : null;
    private Shown<TimeSpan>? _timeout;
    private Shown<string>? _revision;

    private readonly ConcurrentDictionary<(string Gateway, string Path), Uri> _addresses = new();

    public int Addresses => _addresses.Count;

    public async Task<UpstreamAnswer> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        using var message = UpstreamMessage.Of(request, Address(request), _ => true);
        AddHeaders(message, request);
        return new UpstreamAnswer(await connections.SendAsync(message, cancellationToken), time);
    }

    // An address of the caller's own choosing is not kept: there is no end to them.
    private Uri Address(UpstreamRequest request) => request.Path is { } own
        ? AddressOf((request.Gateway, $"/{request.Provider.Slug}{own}"))
        : Kept((request.Gateway, request.Provider.GatewayPathOf(request.Operation)!));

    private Uri Kept((string Gateway, string Path) place) =>
        _addresses.TryGetValue(place, out var kept) ? kept
        : _addresses.Count < MostAddresses ? _addresses.GetOrAdd(place, AddressOf)
        : AddressOf(place);

    // Ids come from settings and rule sets: escaped, so that none of them can choose another host or path.
    private Uri AddressOf((string Gateway, string Path) place) =>
        new($"{_account.GatewayBaseUrl.ToString().TrimEnd('/')}/v1/{Uri.EscapeDataString(_account.AccountId)}/{Uri.EscapeDataString(place.Gateway)}{place.Path}");

    private void AddHeaders(HttpRequestMessage message, UpstreamRequest request)
    {
        var headers = message.Headers;
        headers.AddText("cf-aig-max-attempts", "1");
        headers.AddText("cf-aig-metadata", Metadata(request));
        if (_authorization is not null)
        {
            headers.AddText("cf-aig-authorization", _authorization);
        }

        if (request.Timeout is { } timeout)
        {
            headers.AddText("cf-aig-request-timeout", Milliseconds(timeout));
        }

        if (request.CollectLog is { } collect)
        {
            headers.AddText("cf-aig-collect-log", collect ? "true" : "false");
        }

        if (request.Cache is { Key: { } key } cache)
        {
            headers.AddText("cf-aig-cache-key", key);
            headers.AddText("cf-aig-cache-ttl", Whole(cache.Ttl.TotalSeconds));
        }
        else if (request.Cache is not null)
        {
            headers.AddText("cf-aig-skip-cache", "true");
        }
    }

    // At most 5 entries are kept by Cloudflare; the encoder leaves only ASCII.
    private string Metadata(UpstreamRequest request) =>
        request.Metadata.Count == 0
            ? $$"""{"request_id":"{{JsonEncodedText.Encode(AttemptId(request))}}","revision":"{{Encoded(request.Revision)}}"}"""
            : JsonSerializer.Serialize(new Dictionary<string, object>(request.Metadata.Select(member => KeyValuePair.Create(member.Key, (object)member.Value))) { ["request_id"] = AttemptId(request), ["revision"] = request.Revision });

    // No entry of its own: that would cost callers one of theirs.
    private static string AttemptId(UpstreamRequest request) => request.Attempt == 1 ? request.RequestId : $"{request.RequestId}/{request.Attempt}";

    // Most requests have the time of the one before, and its revision.
    private string Milliseconds(TimeSpan timeout) =>
        _timeout is { } known && known.Of == timeout ? known.Text : (_timeout = new Shown<TimeSpan>(timeout, Whole(timeout.TotalMilliseconds))).Text;

    private string Encoded(string revision) =>
        _revision is { } known && known.Of == revision ? known.Text : (_revision = new Shown<string>(revision, JsonEncodedText.Encode(revision).ToString())).Text;

    private static string Whole(double value) => ((long)Math.Ceiling(value)).ToString(CultureInfo.InvariantCulture);

    /// <summary>A value as a header has it.</summary>
    private sealed record Shown<T>(T Of, string Text);
}
