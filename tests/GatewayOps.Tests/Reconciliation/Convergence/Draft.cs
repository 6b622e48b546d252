using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>The document that the next change adds. Each change edits one part of it and leaves the others.</summary>
internal sealed class Draft
{
    /// <summary>Fields that rule sets declare here, with values that Cloudflare answers as they were sent. Every other field belongs to somebody else.</summary>
    public static IReadOnlyDictionary<string, Func<Random, JsonNode?>> Fields { get; } = new Dictionary<string, Func<Random, JsonNode?>>
    {
        ["cache_ttl"] = random => random.Next(1, 2_000_000),
        ["cache_invalidate_on_update"] = random => random.Next(2) == 0,
        ["collect_logs"] = random => random.Next(2) == 0,
        ["rate_limiting_limit"] = random => random.Next(1, 100_000),
        ["rate_limiting_interval"] = random => random.Next(1, 3_600),
        ["rate_limiting_technique"] = random => random.Next(2) == 0 ? "fixed" : "sliding",
        ["retry_max_attempts"] = random => random.Next(1, 6),
        ["retry_delay"] = random => random.Next(1, 5_000),
        ["retry_backoff"] = random => new[] { "constant", "linear", "exponential" }[random.Next(3)],
    };

    public JsonObject Document { get; } = new() { ["gateways"] = new JsonArray(ChaosWorld.Gateway), ["settings"] = new JsonObject() };

    /// <summary>Some of the fields, and always a new time to live, so that there is something to write.</summary>
    public void Settings(Random random)
    {
        var settings = new JsonObject();
        foreach (var (field, value) in Fields)
        {
            if (field == "cache_ttl" || random.Next(2) == 0)
            {
                settings[field] = value(random);
            }
        }

        Document["settings"] = settings;
    }

    public void Providers(Random random) => Document["providers"] = new JsonArray(
        [.. new[] { "openai", "openrouter", "anthropic" }.Take(random.Next(1, 4)).Select((name, index) => (JsonNode)new JsonObject
        {
            ["name"] = name, ["priority"] = index + 1, ["timeout"] = random.Next(1_000, 60_000),
        })]);

    public void Routes(Random random) => Document["routes"] = new JsonArray(
        [.. Some(random, "chat", "batch").Select(name => (JsonNode)new JsonObject { ["name"] = name, ["elements"] = Graph(random.Next(1_000, 60_000)) })]);

    public void Policies(Random random) => Document["policies"] = new JsonArray(
        [.. Some(random, "team-budget", "night-budget").Select(name => (JsonNode)Policy(name, random.Next(1, 500)))]);

    public void CustomProviders(Random random) => Document["custom_providers"] = new JsonArray(
        [.. Some(random, "acme", "corp").Select(slug => (JsonNode)new JsonObject
        {
            ["slug"] = slug, ["name"] = $"Provider {slug}", ["base_url"] = $"https://v{random.Next(1_000)}.{slug}.example.com", ["enable"] = true,
        })]);

    /// <summary>start, one model with the given time, end.</summary>
    public static JsonArray Graph(int timeout) => JsonNode.Parse(
        $$$$"""
        [{"id":"start","type":"start","outputs":{"next":{"elementId":"model"}}},
         {"id":"model","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":{{{{timeout}}}},"retries":1},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},
         {"id":"end","type":"end","outputs":{}}]
        """)!.AsArray();

    public static JsonObject Policy(string name, int dollars) => JsonNode.Parse(
        $$$"""{"name":"{{{name}}}","actor":"{metadata.team}","resource":"*","action":{"type":"limit","amount":{{{dollars}}},"period":"daily"}}""")!.AsObject();

    // The first always, so that there is one to meddle with; the second comes and goes.
    private static IEnumerable<string> Some(Random random, string always, string sometimes) => random.Next(2) == 0 ? [always] : [always, sometimes];
}
