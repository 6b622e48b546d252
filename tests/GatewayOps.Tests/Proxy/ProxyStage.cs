using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>The service in front of an emulator with the gateway `openai-compat`, stored keys and, if given, an active rule set. All over real sockets.</summary>
internal sealed class ProxyStage : IAsyncDisposable
{
    public const string Gateway = "openai-compat";
    public const string StoredKey = "sk-stored-canary-";

    private ProxyStage(TestEmulator emulator, TestService service) => (Emulator, Service) = (emulator, service);

    public TestEmulator Emulator { get; }

    public TestService Service { get; }

    public static async Task<ProxyStage> StartAsync(
        string? rules = null, IReadOnlyDictionary<string, string>? settings = null, IReadOnlyDictionary<string, object?>? gateway = null, TimeProvider? time = null)
    {
        var emulator = await TestEmulator.StartAsync();
        var made = await emulator.CreateGatewayAsync(Gateway, new Dictionary<string, object?>(gateway ?? new Dictionary<string, object?>()) { ["authentication"] = true });
        StoreKeys(emulator, "openai", "openrouter", "anthropic", "groq", "workers-ai");
        var stage = new ProxyStage(emulator, await TestService.StartAsync(emulator: emulator, settings: settings, time: time));
        if (rules is not null)
        {
            await stage.ActivateAsync(rules);
        }

        return stage;
    }

    public Task ActivateAsync(string rules, string name = "rules") => Service.ServeAsync(rules, name, Gateway);

    public static string Chat(string text = "Hello there", object? more = null)
    {
        var body = new JsonObject { ["model"] = "gpt-4o-mini", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }) };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more)?.AsObject() ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body.ToJsonString();
    }

    public Task<Answer> ChatAsync(string text = "Hello there", object? more = null, params (string Name, string Value)[] headers) =>
        PostAsync(Chat(text, more), headers: headers);

    public Task<Answer> PostAsync(string body, HttpClient? client = null, string path = "/v1/chat/completions", params (string Name, string Value)[] headers) =>
        Answer.PostAsync(client ?? Service.Caller, body, path, headers);

    public async Task<long> CallsAsync(string provider = "openai") => (await Emulator.UpstreamAsync(provider)).GetProperty("requests").GetInt64();

    public async Task<JsonElement> LastCallAsync(string provider = "openai") => (await Emulator.UpstreamAsync(provider)).GetProperty("recorded").EnumerateArray().Last();

    /// <summary>The request records, once there are <paramref name="count"/>; newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(int count)
    {
        IReadOnlyList<JsonElement> records = [];
        await Service.EventuallyAsync(
            async () =>
            {
                var page = JsonSerializer.Deserialize<JsonElement>(await Service.Operator.GetStringAsync("/api/v1/requests?limit=200"));
                records = [.. page.GetProperty("requests").EnumerateArray()];
                return records.Count >= count;
            },
            $"{count} request records");
        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>The request record of an answer, once it is there.</summary>
    public Task<JsonElement> RecordAsync(Answer answer) => RecordAsync(record => record.GetProperty("requestId").GetString() == answer["x-request-id"]);

    public async Task<JsonElement> RecordAsync(Func<JsonElement, bool> isIt)
    {
        JsonElement found = default;
        await Service.EventuallyAsync(
            async () =>
            {
                var page = JsonSerializer.Deserialize<JsonElement>(await Service.Operator.GetStringAsync("/api/v1/requests?limit=200"));
                found = page.GetProperty("requests").EnumerateArray().FirstOrDefault(isIt);
                return found.ValueKind is JsonValueKind.Object;
            },
            "the request record");
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Emulator.DisposeAsync();
    }

    public void StoreKey(string provider) => StoreKeys(Emulator, provider);

    internal static void StoreKeys(TestEmulator emulator, params string[] providers)
    {
        var gateway = emulator.Account.FindGateway(Gateway)!;
        var store = emulator.Account.Store ?? emulator.Account.AddStore("keys").Store!;
        gateway.Update(fields =>
        {
            var changed = JsonNode.Parse(fields.GetRawText())!.AsObject();
            changed["store_id"] = store.Id;
            return JsonSerializer.SerializeToElement(changed);
        });
        foreach (var provider in providers)
        {
            var (_, secrets) = store.Add([new NewSecret(ProviderConfigState.SecretName(Gateway, provider, "default"), StoredKey + provider, ["ai_gateway"], Comment: null)]);
            gateway.AddProviderConfig(new ProviderConfigState(
                Guid.NewGuid().ToString("N"), provider, "default", true, secrets[0].Id, RateLimit: null, RateLimitPeriod: null, gateway.CreatedAt));
        }
    }
}

internal sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);

    public JsonElement Error => Json.GetProperty("error");

    public string? Code => Error.GetProperty("code").GetString();

    public string Content => Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public static async Task<Answer> PostAsync(HttpClient client, string body, string path = "/v1/chat/completions", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await OfAsync(client, request);
    }

    public static async Task<Answer> OfAsync(HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        return new Answer(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value)));
    }

    /// <summary>Asserts OpenAI's error shape: all four members, and no other.</summary>
    public Answer IsError(int status, string code)
    {
        Assert.True(status == Status, $"{Status} {Text}");
        Assert.Equal(["code", "message", "param", "type"], Error.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(code, Code);
        return this;
    }
}
