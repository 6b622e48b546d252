namespace GatewayOps.Cli;

/// <summary>Pages of Cloudflare that a platform engineer needs. Source: checklist S1-31.</summary>
public static class Links
{
    public const string Documentation = "https://developers.cloudflare.com/ai-gateway/";
    public const string Tokens = "https://dash.cloudflare.com/profile/api-tokens";
    public const string Dashboard = "https://dash.cloudflare.com/ai-gateway";

    public static IReadOnlyList<(string What, string Url)> All { get; } = [("AI Gateway documentation", Documentation), ("API tokens", Tokens), ("AI Gateway dashboard", Dashboard)];
}
