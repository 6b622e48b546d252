using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>The service in front of an emulated Cloudflare, brought to a rule set by the operator API alone: gateway, keys, content, execute. Then spoken to as an application would.</summary>
internal sealed class ExecutedWorld : IAsyncDisposable
{
    public const string Gateway = "openai-compat";

    private ExecutedWorld(TestEmulator cloudflare, TestService service) => (Cloudflare, Service) = (cloudflare, service);

    public TestEmulator Cloudflare { get; }

    public TestService Service { get; }

    public static async Task<ExecutedWorld> StartAsync(string document, IReadOnlyDictionary<string, string>? settings = null)
    {
        var cloudflare = await TestEmulator.StartAsync();
        var world = new ExecutedWorld(cloudflare, await TestService.StartAsync(emulator: cloudflare, settings: settings));
        await world.PostAsync("gateways", $$"""{"id":"{{Gateway}}"}""", HttpStatusCode.Created);
        await world.PostAsync("provider-keys", $$"""{"gateway":"{{Gateway}}","provider":"openai","value":"sk-openai"}""", HttpStatusCode.Created);
        await world.PostAsync("provider-keys", $$"""{"gateway":"{{Gateway}}","provider":"openrouter","value":"sk-openrouter"}""", HttpStatusCode.Created);
        await world.PostAsync("content?name=rules", document, HttpStatusCode.Created);
        var executed = await world.PostAsync("content/rules/execute", "{}", HttpStatusCode.OK);
        Assert.Equal("succeeded", executed["outcome"]!.GetValue<string>());
        await world.Service.EventuallyAsync(async () => (await world.GetAsync($"gateways/{Gateway}"))["loaded"]!.GetValue<string>() == "rules@1", "the replica to load what was executed");
        return world;
    }

    public Task<Answer> ChatAsync(string text, object? more = null) => Answer.PostAsync(Service.Caller, ProxyStage.Chat(text, more));

    public async Task<long> CallsAsync(string provider) => (await Cloudflare.UpstreamAsync(provider)).GetProperty("requests").GetInt64();

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Service.Operator.GetStringAsync(new Uri($"/api/v1/{path}", UriKind.Relative)))!;

    public async Task<JsonNode> PostAsync(string path, string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Service.Operator.PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Changes fields of the gateway as somebody else would: read, edit, write back whole.</summary>
    public async Task MeddleAsync(params (string Field, JsonNode Value)[] fields)
    {
        var body = await LiveAsync();
        foreach (var readOnly in new[] { "id", "created_at", "modified_at" })
        {
            body.Remove(readOnly);
        }

        foreach (var (field, value) in fields)
        {
            body[field] = value;
        }

        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await Cloudflare.Management.PutAsync(new Uri($"ai-gateway/gateways/{Gateway}", UriKind.Relative), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonObject> LiveAsync() =>
        JsonNode.Parse(await Cloudflare.Management.GetStringAsync(new Uri($"ai-gateway/gateways/{Gateway}", UriKind.Relative)))!["result"]!.AsObject();

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Cloudflare.DisposeAsync();
    }
}
