using System.Text;

namespace GatewayOps.Cloudflare;

/// <summary>One operation of the API: `Template` names it in metrics and errors and makes its path, so no id ever becomes a label.</summary>
internal sealed record Endpoint(HttpMethod Method, string Root, string Template)
{
    private const string AiGateway = "accounts/{account}/ai-gateway/";
    private const string Account = "accounts/{account}/";

    public static readonly Endpoint ListGateways = new(HttpMethod.Get, AiGateway, "gateways");
    public static readonly Endpoint CreateGateway = new(HttpMethod.Post, AiGateway, "gateways");
    public static readonly Endpoint GetGateway = new(HttpMethod.Get, AiGateway, "gateways/{id}");
    public static readonly Endpoint UpdateGateway = new(HttpMethod.Put, AiGateway, "gateways/{id}");
    public static readonly Endpoint DeleteGateway = new(HttpMethod.Delete, AiGateway, "gateways/{id}");
    public static readonly Endpoint ListLogs = new(HttpMethod.Get, AiGateway, "gateways/{id}/logs");
    public static readonly Endpoint GetLog = new(HttpMethod.Get, AiGateway, "gateways/{id}/logs/{id}");
    public static readonly Endpoint GetLogRequest = new(HttpMethod.Get, AiGateway, "gateways/{id}/logs/{id}/request");
    public static readonly Endpoint GetLogResponse = new(HttpMethod.Get, AiGateway, "gateways/{id}/logs/{id}/response");
    public static readonly Endpoint ListProviderConfigs = new(HttpMethod.Get, AiGateway, "gateways/{id}/provider_configs");
    public static readonly Endpoint CreateProviderConfig = new(HttpMethod.Post, AiGateway, "gateways/{id}/provider_configs");
    public static readonly Endpoint DeleteProviderConfig = new(HttpMethod.Delete, AiGateway, "gateways/{id}/provider_configs/{id}");
    public static readonly Endpoint ListStores = new(HttpMethod.Get, Account, "secrets_store/stores");
    public static readonly Endpoint CreateStore = new(HttpMethod.Post, Account, "secrets_store/stores");
    public static readonly Endpoint ListSecrets = new(HttpMethod.Get, Account, "secrets_store/stores/{id}/secrets");
    public static readonly Endpoint CreateSecret = new(HttpMethod.Post, Account, "secrets_store/stores/{id}/secrets");
    public static readonly Endpoint ReplaceSecret = new(HttpMethod.Patch, Account, "secrets_store/stores/{id}/secrets/{id}");
    public static readonly Endpoint DeleteSecret = new(HttpMethod.Delete, Account, "secrets_store/stores/{id}/secrets/{id}");
    public static readonly Endpoint VerifyAccountToken = new(HttpMethod.Get, Account, "tokens/verify");
    public static readonly Endpoint VerifyUserToken = new(HttpMethod.Get, "", "user/tokens/verify");

    public static IReadOnlyList<Endpoint> All { get; } =
    [
        ListGateways, CreateGateway, GetGateway, UpdateGateway, DeleteGateway, ListLogs, GetLog, GetLogRequest, GetLogResponse,
        ListProviderConfigs, CreateProviderConfig, DeleteProviderConfig, ListStores, CreateStore, ListSecrets, CreateSecret, ReplaceSecret, DeleteSecret,
        VerifyAccountToken, VerifyUserToken,
    ];

    /// <summary>Sending it twice is the same as once. A POST makes a second object.</summary>
    public bool IsIdempotent => Method != HttpMethod.Post;

    public bool IsWrite => Method != HttpMethod.Get;

    public override string ToString() => $"{Method} {Template}";

    /// <summary>The path below the base URL, every id escaped. An id that would change the path (empty, `.`, `..`) is refused.</summary>
    public string Path(string account, params ReadOnlySpan<string> ids)
    {
        var path = new StringBuilder();
        var next = 0;
        foreach (var segment in (Root + Template).Split('/'))
        {
            if (path.Length > 0) path.Append('/');
            path.Append(segment switch { "{account}" => Escaped(account), "{id}" => Escaped(ids[next++]), _ => segment });
        }
        return path.ToString();
    }

    private static string Escaped(string id) => id is null or "" or "." or ".."
        ? throw new ArgumentException("an id is missing, or is no id", nameof(id))
        : Uri.EscapeDataString(id);
}
