using System.Text.Json.Nodes;

namespace GatewayOps.Infra.Tests;

/// <summary>What Cloudflare answers in these tests, and the configuration that asks for everything.</summary>
internal static class Stubs
{
    public const string Account = "0123456789abcdef0123456789abcdef";
    public const string TokenType = "cloudflare:index/accountToken:AccountToken";
    public const string KeyValue = "sk-canaryOfTheProviderKey0123456789";
    public const string HeaderValue = "canary-of-the-exporter-header";
    public const string StripeValue = "sk_live_canaryOfStripe0123456789";

    /// <summary>Keys whose values are encrypted in the stack's file.</summary>
    public static IReadOnlyList<string> SecretKeys { get; } = ["gatewayops:providerKeys", "gatewayops:otel", "gatewayops:stripe", "cloudflare:apiToken"];

    public static string TokenValue(string name) => $"cfat_canaryOfTheToken0123456789-{name}";

    public static IReadOnlyDictionary<string, string> Everything { get; } = new Dictionary<string, string>
    {
        ["cloudflare:apiToken"] = "cfut_canaryOfTheProvider0123456789",
        ["gatewayops:accountId"] = Account,
        ["gatewayops:gateways"] = """
            [
              { "id": "prod", "zdr": true, "guardrails": { "prompt": { "P1": "BLOCK", "S1": "FLAG" }, "response": { "S13": "BLOCK" } },
                "dlp": { "enabled": true, "policies": [ { "id": "p1", "enabled": true, "action": "FLAG", "check": ["REQUEST"], "profiles": ["a"] } ] },
                "spendLimits": { "enabled": true, "rules": [ { "limitType": "cost", "limit": 12.5, "window": 86400, "model": { "mode": "filter", "values": ["gpt-5"] },
                  "provider": { "mode": "filter", "values": ["openai"] }, "metadata": { "user": { "mode": "partition" } } } ] } },
              { "id": "dev", "logpush": true, "retryMaxAttempts": 3, "retryDelay": 100, "retryBackoff": "linear", "rateLimitingTechnique": "sliding", "otel": [], "stripe": {} }
            ]
            """,
        ["gatewayops:otel"] = $$"""[ { "url": "https://otel.example/v1/traces", "headers": { "x-api-key": "{{HeaderValue}}" } } ]""",
        ["gatewayops:stripe"] = $$"""{ "authorization": "{{StripeValue}}", "usage_events": [ { "payload": "{}" } ] }""",
        ["gatewayops:keys"] = """[ { "gateway": "prod", "provider": "openai" } ]""",
        ["gatewayops:providerKeys"] = $$"""{ "prod_openai_default": "{{KeyValue}}" }""",
        ["gatewayops:tokens"] = """[ { "name": "proxy-run", "use": "run", "addresses": ["192.0.2.0/24"], "expiresOn": "2027-01-31T00:00:00Z" }, { "name": "plane", "use": "control-plane" } ]""",
        ["gatewayops:accept"] = """[ { "policy": "prompts-logged", "reason": "agreed with legal on 1 March" } ]""",
    };

    public static JsonObject PermissionGroups() => new()
    {
        ["id"] = "groups",
        ["results"] = new JsonArray([.. new[] { "AI Gateway Run", "AI Gateway Read", "AI Gateway Write", "Secrets Store Read", "Secrets Store Write", "Account Analytics Read", "Workers AI Read" }.Select(name => new JsonObject
        {
            ["id"] = $"id of {name}",
            ["name"] = name,
            ["category"] = "other",
            ["isSelectable"] = true,
            ["scopes"] = new JsonArray("com.cloudflare.api.account"),
        })]),
    };

    /// <summary>A value in the envelope of a secret.</summary>
    public static JsonObject Secret(string value) => new() { ["4dabf18193072939515e22adb298388d"] = "1b47061264138c4ac30d75fd1eb44270", ["value"] = value };
}
