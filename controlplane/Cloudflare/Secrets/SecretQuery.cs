using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Secrets;

/// <summary>Which secrets, in which order. `OrderBy` is name, comment, created, modified or status; a secret with any of `Scopes` is one; null leaves the choice to Cloudflare.</summary>
public sealed record SecretQuery
{
    public string? OrderBy { get; init; }
    public bool? Ascending { get; init; }
    public string? Search { get; init; }
    public IReadOnlyList<string> Scopes { get; init; } = [];

    internal Call AddTo(Call call) =>
        Scopes.Aggregate(call.And("order", OrderBy).And("direction", Ascending switch { true => "asc", false => "desc", null => null }).And("search", Search), (so, scope) => so.And("scopes", scope));
}
