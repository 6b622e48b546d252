using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>An emulated Cloudflare with a gateway `prod`, a database, and as many replicas of the service as the test starts.</summary>
internal sealed class ReconciliationWorld : IAsyncDisposable
{
    public const string Gateway = "prod";

    private readonly List<TestService> _replicas = [];
    private int _seeding;

    private ReconciliationWorld(TestEmulator cloudflare, TestDatabase database)
    {
        Cloudflare = cloudflare;
        Database = database;
    }

    public TestEmulator Cloudflare { get; }
    public TestDatabase Database { get; }
    public TestService Service => _replicas[0];
    public HttpClient Api => Service.Operator;

    public static async Task<ReconciliationWorld> StartAsync(EmulatorOptions? emulator = null, IReadOnlyDictionary<string, string>? settings = null, bool withGateway = true)
    {
        var world = new ReconciliationWorld(await TestEmulator.StartAsync(emulator), await TestDatabase.CreateAsync());
        if (withGateway)
        {
            await world.Cloudflare.CreateGatewayAsync(Gateway);
        }

        world._seeding = (await world.Cloudflare.ManagementRequestsAsync()).Count;

        await world.AddReplicaAsync(settings);
        return world;
    }

    public async Task<TestService> AddReplicaAsync(IReadOnlyDictionary<string, string>? settings = null, TimeProvider? time = null)
    {
        var replica = await TestService.StartAsync(Database, Cloudflare, settings, time);
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>Stops every replica; Cloudflare and the database stay.</summary>
    public async Task StopAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        _replicas.Clear();
    }

    /// <summary>Adds a revision of `rules` whose settings are <paramref name="settings"/>.</summary>
    public async Task AddAsync(string settings, HttpClient? api = null) =>
        await PostAsync("content?name=rules", $$"""{"gateways":["{{Gateway}}"],"rules":[],"settings":{{settings}}}""", api: api);

    public async Task<JsonNode> ExecuteAsync(string body = "{}", HttpStatusCode expected = HttpStatusCode.OK) => await PostAsync("content/rules/execute", body, expected);

    /// <summary>Adds and executes.</summary>
    public async Task<JsonNode> ApplyAsync(string settings)
    {
        await AddAsync(settings);
        return await ExecuteAsync();
    }

    public async Task<JsonNode> PostAsync(string path, string body, HttpStatusCode? expected = null, HttpClient? api = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await (api ?? Api).PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content);
        return await ReadAsync(response, expected);
    }

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode? expected = null)
    {
        using var response = await Api.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return await ReadAsync(response, expected);
    }

    /// <summary>What the timer does, once.</summary>
    public Task PassOfTheIntervalAsync() => Service.Services.GetRequiredService<AllGateways>().ReconcileAsync(RunTrigger.Interval, CancellationToken.None);

    /// <summary>The gateway as Cloudflare has it.</summary>
    public async Task<JsonObject> LiveAsync() =>
        (await Cloudflare.Management.GetFromJsonAsync<JsonObject>($"ai-gateway/gateways/{Gateway}"))!["result"]!.AsObject();

    /// <summary>Changes fields of the gateway as somebody else would.</summary>
    public async Task MeddleAsync(string fields)
    {
        var body = (await LiveAsync()).DeepClone().AsObject();
        foreach (var readOnly in new[] { "id", "created_at", "modified_at" })
        {
            body.Remove(readOnly);
        }

        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await Cloudflare.Management.PutAsync(new Uri($"ai-gateway/gateways/{Gateway}", UriKind.Relative), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<IReadOnlyList<JsonNode>> ProviderConfigsAsync() =>
        [.. (await Cloudflare.Management.GetFromJsonAsync<JsonObject>($"ai-gateway/gateways/{Gateway}/provider_configs"))!["result"]!.AsArray().Select(item => item!)];

    public async Task<IReadOnlyList<string>> SecretNamesAsync()
    {
        var names = new List<string>();
        foreach (var store in (await Cloudflare.Management.GetFromJsonAsync<JsonObject>("secrets_store/stores"))!["result"]!.AsArray())
        {
            names.AddRange((await Cloudflare.Management.GetFromJsonAsync<JsonObject>($"secrets_store/stores/{store!["id"]}/secrets"))!["result"]!.AsArray().Select(secret => secret!["name"]!.GetValue<string>()));
        }

        return names;
    }

    /// <summary>Management calls since the start that changed something, as `METHOD path`.</summary>
    public async Task<IReadOnlyList<string>> WritesAsync() =>
        [.. (await Cloudflare.ManagementRequestsAsync()).Skip(_seeding)
            .Select(request => $"{request.GetProperty("method").GetString()} {request.GetProperty("path").GetString()}")
            .Where(request => !request.StartsWith("GET", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Cloudflare.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode? expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected is null ? response.IsSuccessStatusCode : response.StatusCode == expected, $"{(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
