using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.Management.Tokens;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Snapshots;

/// <summary>Fills an account by the public API with something of everything, and reads all of it by the public API.</summary>
internal static class RandomAccount
{
    private const string Gateways = "ai-gateway/gateways";

    public static async Task FillAsync(TestEmulator emulator, int seed)
    {
#pragma warning disable CA5394 // a seed makes a failure come again
        var random = new Random(seed);
        bool Maybe() => random.Next(2) == 0;
        var api = emulator.Management;
        async Task<string?> MakeAsync(string path, object body, HttpMethod? method = null)
        {
            var answer = await api.CallAsync(method ?? HttpMethod.Post, path, body);
            Assert.True(answer.Response.IsSuccessStatusCode, $"{path}: {answer.Body}");
            return answer.Body.TryGetProperty("result", out var result) && result.ValueKind == System.Text.Json.JsonValueKind.Object && result.TryGetProperty("id", out var id)
                ? id.GetString()
                : null;
        }

        var store = await MakeAsync("secrets_store/stores", new { name = "main" });
        for (var number = 0; number < random.Next(1, 4); number++)
        {
            var gateway = $"gw-{number}";
            await MakeAsync(Gateways, GatewayBody(
                gateway, ("store_id", store), ("cache_ttl", random.Next(3) == 0 ? null : random.Next(600)), ("authentication", Maybe()), ("a_newer_member", new { a = 1.50m }),
                ("otel", Maybe() ? new[] { new { url = "https://otel.example/v1", headers = new { authorization = "Bearer otel-secret" } } } : null)));
            if (Maybe())
                await MakeAsync($"{Gateways}/{gateway}", GatewayBody(null, ("store_id", store), ("rate_limiting_limit", 7), ("zdr", true)), HttpMethod.Put);
            foreach (var provider in new[] { "openai", "anthropic" }.Where(_ => Maybe()))
                await MakeAsync($"{Gateways}/{gateway}/provider_configs", new { provider_slug = provider, alias = "default", default_config = Maybe(), secret = $"sk-secret-{provider}", rate_limit = 3 });
            if (Maybe())
            {
                var route = await MakeAsync($"{Gateways}/{gateway}/routes", new { name = $"route {number} é", elements = Elements("gpt-4o-mini") });
                await MakeAsync($"{Gateways}/{gateway}/routes/{route}/versions", new { elements = Elements("gpt-5") });
                if (Maybe())
                    await MakeAsync($"{Gateways}/{gateway}/routes/{route}", new { name = "renamed" }, HttpMethod.Patch);
            }
            if (Maybe())
            {
                var dataset = await MakeAsync($"{Gateways}/{gateway}/datasets", new { name = "d", enable = Maybe(), filters = new[] { new { key = "cost", @operator = "gt", value = new[] { 0.5 } } } });
                await MakeAsync($"{Gateways}/{gateway}/evaluations", new { name = "e", dataset_ids = new[] { dataset }, evaluation_type_ids = new[] { await EvaluationTypeAsync(api) } });
            }
            foreach (var commit in new[] { true, false }.Where(_ => Maybe()))
                await MakeAsync($"{Gateways}/{gateway}/policies?commit={(commit ? "true" : "false")}", new { name = $"p{commit}", actor = "{metadata.team}", resource = "*", condition = "true", action = new { type = "limit", amount = 5, period = "daily" } });
        }
        if (Maybe())
            await MakeAsync("ai-gateway/custom-providers", new { name = "Mine", slug = "mine", base_url = "https://mine.example/v1", headers = """{"x-key":"header-secret"}""", enable = true, position = 2 });
        foreach (var amount in new[] { 1000, 2000 }.Where(_ => Maybe()))
            await emulator.Management.PostAnswerAsync("ai-gateway/billing/topup", new { amount });
        foreach (var gateway in emulator.Account.Gateways.Where(_ => Maybe()))
        {
            for (var second = 0; second < 3; second++)
                gateway.AddLog(SampleLog.Row(gateway.Logs, second) with { Feedback = 1, EventId = "event", Metadata = """{"team":"é"}""" });
        }
        foreach (var path in new[] { "tokens", "/client/v4/user/tokens" }.Where(_ => Maybe()))
            await MakeAsync(path, new { name = "ci", policies = new[] { TestTokens.Policy("allow", TestTokens.Account, Permission.AiGatewayRead) }, condition = new { request_ip = new { @in = new[] { "10.0.0.0/8" } } }, expires_on = "2100-01-01T00:00:00Z" });
#pragma warning restore CA5394
    }

    /// <summary>Path to answer, of everything that can be read.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(TestEmulator emulator)
    {
        var seen = new Dictionary<string, string>();
        async Task<System.Text.Json.JsonElement> SeeAsync(string path)
        {
            var answer = await emulator.Management.GetAnswerAsync(path);
            Assert.True(answer.Response.IsSuccessStatusCode, $"{path}: {answer.Body}");
            seen[path] = answer.Body.GetRawText();
            return answer.Body;
        }

        foreach (var path in new[] { "secrets_store/stores", "ai-gateway/custom-providers", "ai-gateway/billing/credit-balance", "ai-gateway/billing/invoice-history", "tokens?include_expired=true", "/client/v4/user/tokens" })
            await SeeAsync(path);
        foreach (var store in emulator.Account.Store is { } one ? new[] { one.Id } : [])
            await SeeAsync($"secrets_store/stores/{store}/secrets");
        foreach (var gateway in emulator.Account.Gateways.Select(gateway => $"{Gateways}/{gateway.Id}"))
        {
            foreach (var below in new[] { "", "/provider_configs", "/routes", "/datasets", "/evaluations", "/policies?includeStaging=true", "/logs" })
                await SeeAsync(gateway + below);
            foreach (var route in (await SeeAsync(gateway + "/routes")).GetProperty("data").GetProperty("routes").EnumerateArray().Select(route => $"{gateway}/routes/{route.GetProperty("id")}"))
            {
                foreach (var below in new[] { "", "/versions", "/deployments" })
                    await SeeAsync(route + below);
            }
        }
        await SeeAsync(Gateways);
        return seen;
    }

    private static async Task<string> EvaluationTypeAsync(HttpClient api) =>
        (await api.GetAnswerAsync("ai-gateway/evaluation-types")).Result[0].GetProperty("id").GetString()!;

    private static object[] Elements(string model) =>
    [
        new { id = "start", type = "start", outputs = new { next = new { elementId = "m" } } },
        new
        {
            id = "m",
            type = "model",
            properties = new { provider = "openai", model, timeout = 60000, retries = 1 },
            outputs = new { success = new { elementId = "end" }, fallback = new { elementId = "end" } },
        },
        new { id = "end", type = "end", outputs = new { } },
    ];
}
