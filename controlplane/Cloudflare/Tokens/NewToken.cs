using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Tokens;

/// <summary>A token to create. Addresses are CIDR ranges; empty lists restrict nothing.</summary>
public sealed record NewToken(string Name, IReadOnlyList<TokenPolicy> Policies)
{
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];
    public IReadOnlyList<string> DeniedAddresses { get; init; } = [];
    public DateTimeOffset? ExpiresOn { get; init; }
    public DateTimeOffset? NotBefore { get; init; }

    internal JsonObject ToJson()
    {
        var fields = new JsonObject { ["name"] = Name, ["policies"] = new JsonArray([.. Policies.Select(policy => policy.ToJson())]) };
        var addresses = new JsonObject();
        if (AllowedAddresses.Count > 0) addresses["in"] = Texts(AllowedAddresses);
        if (DeniedAddresses.Count > 0) addresses["not_in"] = Texts(DeniedAddresses);
        if (addresses.Count > 0) fields["condition"] = new JsonObject { ["request_ip"] = addresses };
        if (ExpiresOn is { } expires) fields["expires_on"] = Time(expires);
        if (NotBefore is { } begins) fields["not_before"] = Time(begins);
        return fields;
    }

    private static JsonArray Texts(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    // Cloudflare takes whole seconds, in UTC.
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
