using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Events;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>Unique values are planted where secrets go in; then everything that comes out, and everything that is kept, is searched for them.</summary>
public sealed class SecretsStaySecretTests
{
    private const string ProviderKey = "sk-canary-provider-key-0123456789";

    [Fact]
    public async Task EverySecret_AtTrace_IsNeitherToldNorKept()
    {
        var webhookKey = "canary-webhook-secret-of-32-bytes"u8.ToArray();
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { SeedGateway = true });
        await using var receiver = await TestReceiver.StartAsync();
        await using var service = await TestService.StartAsync(emulator: emulator, settings: new Dictionary<string, string>
        {
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft"] = "Trace",
            ["Logging:LogLevel:System"] = "Trace",
            ["GatewayOps:Operator:Token"] = "canary-operator-token",
            ["GatewayOps:Proxy:AuthToken"] = "canary-proxy-token",
            ["GatewayOps:Events:AllowPrivate"] = "127.0.0.0/8",
            ["GatewayOps:Events:Webhooks:0:Name"] = "taken",
            ["GatewayOps:Events:Webhooks:0:Url"] = receiver.Url.ToString(),
            ["GatewayOps:Events:Webhooks:0:Secret"] = "whsec_" + Convert.ToBase64String(webhookKey),
            ["GatewayOps:Events:Webhooks:1:Name"] = "refused",
            ["GatewayOps:Events:Webhooks:1:Url"] = "http://127.0.0.1:9/canary-webhook-path?token=canary-webhook-query",
            ["GatewayOps:Events:Webhooks:1:Secret"] = "whsec_" + Convert.ToBase64String(webhookKey),
        });
        var admin = service.NewClient("canary-operator-token");
        var told = new StringBuilder();
        await service.EventuallyAsync(async () => (await service.Database.QueryAsync<string>("select sink from event_cursors")).Count == 2, "both cursors");

        // Tokens: their values are in these two answers, and nowhere else.
        var made = await JsonAsync(await SendAsync(admin, "POST", "tokens", new { name = "ci", scope = "admin" }, key: "make"));
        var id = made.GetProperty("id").GetString();
        var rotated = await JsonAsync(await SendAsync(admin, "POST", $"tokens/{id}/rotate", new { grace = 3600 }, key: "rotate"));
        string[] tokens = [made.GetProperty("token").GetString()!, rotated.GetProperty("token").GetString()!];
        var issued = service.NewClient(tokens[1]);
        await TellAsync(SendAsync(admin, "POST", "tokens", new { name = "ci", scope = "admin" }, key: "make"));
        await TellAsync(SendAsync(admin, "POST", $"tokens/{id}/rotate", new { grace = 3600 }, key: "rotate"));
        await TellAsync(SendAsync(issued, "GET", "tokens"));
        await TellAsync(SendAsync(issued, "GET", $"tokens/{id}"));
        await TellAsync(SendAsync(service.NewClient(tokens[0][..^1]), "GET", "tokens"));
        await TellAsync(SendAsync(service.NewClient("canary-wrong-token"), "GET", "tokens"));

        // Virtual keys: used, mistyped, from the query, and where their limit is in the way.
        var key = await JsonAsync(await SendAsync(admin, "POST", "tokens", new { name = "team", key = new { requestsPerMinute = 1, models = new[] { "gpt-*" } } }, key: "key"));
        var newKey = await JsonAsync(await SendAsync(admin, "POST", $"tokens/{key.GetProperty("id").GetString()}/rotate", key: "key-rotate"));
        tokens = [.. tokens, key.GetProperty("token").GetString()!, newKey.GetProperty("token").GetString()!];
        await TellAsync(SendAsync(admin, "POST", "tokens", new { name = "team", key = new { requestsPerMinute = 1, models = new[] { "gpt-*" } } }, key: "key"));
        foreach (var caller in new[] { service.NewClient(tokens[2]), service.NewClient(tokens[3]), service.NewClient(tokens[3][..^1]) })
        {
            await TellAsync(caller.GetAsync("/v1/models"));
            await TellAsync(caller.PostAsJsonAsync("/v1/chat/completions", new { model = "gpt-4o", messages = new[] { new { role = "user", content = "hi" } } }));
            await TellAsync(caller.PostAsJsonAsync("/v1/chat/completions", new { model = "claude-x", messages = new[] { new { role = "user", content = "hi" } } }));
        }

        await TellAsync(service.Anonymous.GetAsync($"/v1/models?auth_token={tokens[3]}"));

        // Provider keys: whole, repeated, and in requests that are refused for another reason.
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "openai-compat", provider = "openai", alias = "canary-free", value = ProviderKey }, key: "put"));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "openai-compat", provider = "openai", alias = "canary-free", value = ProviderKey }, key: "put"));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "openai-compat", provider = "no-such", value = ProviderKey }));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "no-such-gateway", provider = "openai", value = ProviderKey }));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "openai-compat", provider = "openai", value = new[] { ProviderKey } }));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", new { gateway = "openai-compat", provider = "openai", value = ProviderKey + "\n" }));
        await TellAsync(SendAsync(issued, "POST", "provider-keys", ProviderKey));

        await TellAsync(SendAsync(issued, "POST", "content?name=rules", new { settings = new { cache_ttl = 300 } }));
        await TellAsync(SendAsync(issued, "POST", "content/rules/execute"));
        await TellAsync(SendAsync(issued, "GET", "provider-keys"));
        await TellAsync(SendAsync(issued, "GET", "audit?limit=200"));
        await TellAsync(SendAsync(issued, "GET", "gateways"));
        await TellAsync(SendAsync(issued, "GET", "runs"));
        await service.EventuallyAsync(async () => (await service.Database.QueryAsync<int>("select attempts from event_cursors where sink = 'refused'")).Single() > 0, "the webhook that is away");
        await service.EventuallyAsync(() => receiver.Received.Count >= 4, "events");
        await TellAsync(SendAsync(issued, "GET", "events/sinks"));
        await TellAsync(service.Anonymous.GetAsync("/readyz"));
        await TellAsync(service.Anonymous.GetAsync("/metrics"));
        await TellAsync(service.Anonymous.GetAsync("/openapi/v1.json"));

        string[] secrets =
        [
            .. tokens, ProviderKey, "canary-operator-token", "canary-proxy-token", "canary-wrong-token", "canary-webhook-path", "canary-webhook-query", "secret-path", "secret-query",
            Encoding.ASCII.GetString(webhookKey), emulator.Options.ApiToken,
        ];
        Search("answers", told.ToString(), secrets);
        Search("log", service.Log.ToString(), secrets);
        Search("database", await DumpAsync(service.Database), secrets);
        Search("events", string.Join('\n', receiver.Received.Select(received => string.Join('\n', received.Headers) + Encoding.UTF8.GetString(received.Body))), secrets);

        async Task TellAsync(Task<HttpResponseMessage> sending)
        {
            using var response = await sending;
            told.AppendLine(string.Join('\n', response.Headers) + await response.Content.ReadAsStringAsync());
        }
    }

    private static void Search(string where, string text, IEnumerable<string> secrets)
    {
        Assert.True(text.Length > 500, $"{where} is empty");
        foreach (var secret in secrets)
        {
            var bytes = Encoding.UTF8.GetBytes(secret);
            // Base64 at each of its three offsets, without the characters that the neighbours decide.
            var forms = Enumerable.Range(0, 3).Select(offset => Convert.ToBase64String([.. new byte[offset], .. bytes])[(offset == 0 ? 0 : 4)..^4])
                .Append(secret).Append(Uri.EscapeDataString(secret)).Append(Convert.ToHexString(bytes)).Append(Convert.ToHexStringLower(bytes));
            Assert.All(forms, form => Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"{where} has {secret} as {form}"));
        }
    }

    // Every table, also those of the scheduler; bytes are in hex.
    private static async Task<string> DumpAsync(TestDatabase database)
    {
        var dump = new StringBuilder();
        foreach (var table in await database.QueryAsync<string>("select quote_ident(relname) from pg_class join pg_namespace n on n.oid = relnamespace where n.nspname = 'public' and relkind = 'r'"))
        {
            dump.AppendJoin('\n', await database.QueryAsync<string>($"select t::text from {table} t")).AppendLine();
        }

        return dump.ToString();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
