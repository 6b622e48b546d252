using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare;

/// <summary>
/// A provider of one's own, called as `custom-{Slug}`. `Fields` is the whole object as received; it may hold credentials in `headers`, so it is not part of ToString.
/// </summary>
public sealed record CustomProvider(string Id, string Name, string Slug, string BaseUrl, bool Enabled, JsonObject Fields)
{
    public bool Beta { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ModifiedAt { get; init; }

    internal static CustomProvider Read(JsonElement element) => new(
        element.RequiredText("id"), element.Text("name") ?? "", element.RequiredText("slug"), element.Text("base_url") ?? "", element.Flag("enable") ?? false, element.Fields())
    {
        Beta = element.Flag("beta") ?? false,
        CreatedAt = element.Time("created_at"),
        ModifiedAt = element.Time("modified_at"),
    };

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Name = {Name}, Slug = {Slug}, BaseUrl = {BaseUrl}, Enabled = {Enabled}, Fields = {Fields.Count}");
        return true;
    }
}

/// <summary>A custom provider to create: `BaseUrl` is https. `Headers` are sent along with every request; their values are hidden from ToString.</summary>
public sealed record NewCustomProvider(string Name, string Slug, Uri BaseUrl)
{
    public bool Enabled { get; init; }
    public bool Beta { get; init; }
    public string? Description { get; init; }
    public string? Link { get; init; }
    public string? CurlExample { get; init; }
    public string? JsExample { get; init; }
    public int? Position { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal JsonObject ToJson()
    {
        var fields = new JsonObject { ["name"] = Name, ["slug"] = Slug, ["base_url"] = BaseUrl.AbsoluteUri.TrimEnd('/'), ["enable"] = Enabled, ["beta"] = Beta };
        if (Description is not null) fields["description"] = Description;
        if (Link is not null) fields["link"] = Link;
        if (CurlExample is not null) fields["curl_example"] = CurlExample;
        if (JsExample is not null) fields["js_example"] = JsExample;
        if (Position is { } position) fields["position"] = position;
        // An object inside a string (contract, section 4.2).
        if (Headers.Count > 0) fields["headers"] = new JsonObject(Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value))).ToJsonString();
        return fields;
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Name = {Name}, Slug = {Slug}, BaseUrl = {BaseUrl}, Enabled = {Enabled}, Headers = {string.Join(',', Headers.Keys)}");
        return true;
    }
}

/// <summary>Which custom providers, in which order, as `name ASC`. Null leaves it to Cloudflare.</summary>
public sealed record CustomProviderQuery(bool? Enabled = null, bool? Beta = null, string? Search = null, string? OrderBy = null);

/// <summary>`/accounts/{id}/ai-gateway/custom-providers`. Source: Cloudflare contract, section 4.2.</summary>
public sealed class CustomProviderClient
{
    private const int PerPage = 100;
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "logo", "created_at", "modified_at", "account_id", "account_tag");

    private readonly Transport _transport;

    internal CustomProviderClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<CustomProvider> ListAsync(CustomProviderQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(
            _transport.To(Endpoints.CustomProviders.List).And("beta", query.Beta).And("enable", query.Enabled).And("search", query.Search).And("order_by", query.OrderBy),
            PerPage, CustomProvider.Read, cancellationToken);

    /// <summary>Null when there is no such provider.</summary>
    public Task<CustomProvider?> FindAsync(string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.CustomProviders.Find, id), CustomProvider.Read, cancellationToken);

    /// <summary>AlreadyExists when the account has one of this slug.</summary>
    public Task<CustomProvider> CreateAsync(NewCustomProvider provider, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.CustomProviders.Create).With(provider.ToJson()).Hiding(provider.Headers.Values), CustomProvider.Read, cancellationToken);

    /// <summary>Changes what `changes` holds and nothing else, by Cloudflare's names. The fields of a provider that was read will do: members that only Cloudflare sets are not sent.</summary>
    public Task<CustomProvider> UpdateAsync(string id, JsonObject changes, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.CustomProviders.Update, id).With(changes, ReadOnlyFields).Hiding(HeaderValues(changes)), CustomProvider.Read, cancellationToken);

    /// <summary>Its prices go with it. False when it was not there.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.CustomProviders.Delete, id), cancellationToken);

    // The whole text, and each value within it.
    private static IEnumerable<string> HeaderValues(JsonObject changes)
    {
        if ((changes["headers"] as JsonValue)?.TryGetValue<string>(out var headers) != true) return [];
        try
        {
            return [headers!, .. JsonText.TextsIn(JsonNode.Parse(headers!))];
        }
        catch (JsonException)
        {
            return [headers!];
        }
    }
}
