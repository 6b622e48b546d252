using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>An emulator with one gateway, `gw`, and a client at its address.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string ProviderKey = "sk-of-the-caller";

    private readonly bool _ownsEmulator;

    private TestGateway(TestEmulator emulator, GatewayState state, bool ownsEmulator)
    {
        Emulator = emulator;
        State = state;
        _ownsEmulator = ownsEmulator;
        Http = emulator.NewClient(Path);
    }

    public string Path => $"/v1/dev-account/{State.Id}/";

    public TestEmulator Emulator { get; }

    public GatewayState State { get; }

    /// <summary>Without credentials; relative addresses start at the gateway: `openai/chat/completions`.</summary>
    public HttpClient Http { get; }

    public IReadOnlyList<LogRow> Logs => State.Logs.Visible();

    /// <param name="settings">Members of the gateway beside the required ones.</param>
    public static async Task<TestGateway> StartAsync(object? settings = null, EmulatorOptions? options = null)
    {
        return In(await TestEmulator.StartAsync(options), "gw", settings, ownsEmulator: true);
    }

    public static TestGateway In(TestEmulator emulator, string id, object? settings, bool ownsEmulator)
    {
        var fields = new JsonObject
        {
            ["cache_invalidate_on_update"] = false,
            ["cache_ttl"] = 0,
            ["collect_logs"] = true,
            ["rate_limiting_interval"] = 0,
            ["rate_limiting_limit"] = 0,
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(settings)?.AsObject() ?? [])
            fields[name] = value?.DeepClone();
        var (_, gateway) = emulator.Account.AddGateway(id, GatewayFields.Settled(fields));
        return new TestGateway(emulator, gateway!, ownsEmulator);
    }

    /// <summary>Stores a key as the management API would.</summary>
    public void StoreKey(string provider, string value, string alias = "default", bool isDefault = true, double? rateLimit = null, double? ratePeriod = null)
    {
        var store = Emulator.Account.Store ?? Emulator.Account.AddStore("keys").Store!;
        var (_, secrets) = store.Add([new NewSecret(ProviderConfigState.SecretName(State.Id, provider, alias), value, ["ai_gateway"], Comment: null)]);
        State.Update(fields =>
        {
            var changed = JsonNode.Parse(fields.GetRawText())!.AsObject();
            changed["store_id"] = store.Id;
            return JsonSerializer.SerializeToElement(changed);
        });
        State.AddProviderConfig(new ProviderConfigState(
            Guid.NewGuid().ToString("N"), provider, alias, isDefault, secrets[0].Id, rateLimit, ratePeriod, State.CreatedAt));
    }

    /// <summary>Forgets what earlier tests of the class did to the providers.</summary>
    public async Task<TestGateway> RepairedAsync(params string[] providers)
    {
        foreach (var provider in providers)
        {
            await Emulator.ClearUpstreamFaultAsync(provider);
            using var _ = await Emulator.Admin.DeleteAsync(new Uri($"upstreams/{provider}/recorded", UriKind.Relative));
        }
        return this;
    }

    public static string Chat(string text = "Hello there", string model = "gpt-4o-mini", object? more = null)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more)?.AsObject() ?? [])
            body[name] = value?.DeepClone();
        return body.ToJsonString();
    }

    /// <summary>POST with the caller's own provider key unless `key` says otherwise; `headers` are `name: value`.</summary>
    public async Task<Answer> PostAsync(string path, string body, string? key = ProviderKey, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var header in headers)
        {
            var (name, value) = header.Split(": ", 2) is [var left, var right] ? (left, right) : (header, "");
            request.Headers.Add(name, value);
        }
        using var response = await Http.SendAsync(request);
        return new Answer(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value)));
    }

    public Task<Answer> ChatAsync(string text = "Hello there", params string[] headers) => PostAsync("openai/chat/completions", Chat(text), ProviderKey, headers);

    public async Task<long> UpstreamRequestsAsync(string provider = "openai") => (await Emulator.UpstreamAsync(provider)).GetProperty("requests").GetInt64();

    public async Task<JsonElement> LastUpstreamRequestAsync(string provider = "openai") =>
        (await Emulator.UpstreamAsync(provider)).GetProperty("recorded").EnumerateArray().Last();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_ownsEmulator)
            await Emulator.DisposeAsync();
    }

    internal sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
    {
        public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

        public string? CacheStatus => Headers.GetValueOrDefault("cf-aig-cache-status");

        public int ErrorCode => Json.GetProperty("error")[0].GetProperty("code").GetInt32();

        public string Content => Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }
}
