using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>What the service answered; status 0 where the connection ended without an answer.</summary>
internal sealed record Said(int Status, JsonNode? Body)
{
    public bool IsOk => Status is >= 200 and < 300;
}

/// <summary>
/// An emulated Cloudflare with a gateway `prod` and one that is not ours, a database, and at any time one replica of the service, in this process or in
/// a child. Remembers what was acknowledged, and what belongs to others.
/// </summary>
internal sealed class ChaosWorld : IAsyncDisposable
{
    public const string Gateway = "prod", Foreign = "foreign";

    private readonly Random _where;
    private IAsyncDisposable? _replica;
    private HttpClient? _api;

    private ChaosWorld(TestEmulator cloudflare, TestDatabase database, bool inChildren, int seed)
    {
        (Cloudflare, Database, InChildren, _where) = (cloudflare, database, inChildren, new Random(seed));
    }

    public TestEmulator Cloudflare { get; }

    public TestDatabase Database { get; }

    /// <summary>One in two replicas is a process of its own; otherwise only those that are to be killed.</summary>
    public bool InChildren { get; }

    public MovableClock Clock { get; } = new();

    public Draft Draft { get; } = new();

    public Beliefs Beliefs { get; } = new();

    /// <summary>Hand-made things count up, so that their names differ.</summary>
    public int Made { get; set; }

    /// <summary>Something is broken on purpose: what is asked now may be refused.</summary>
    public bool IsFailing { get; private set; }

    public IDisposable Failing()
    {
        IsFailing = true;
        return new Mended(this);
    }

    public static async Task<ChaosWorld> StartAsync(bool inChildren, int seed)
    {
        var world = new ChaosWorld(await TestEmulator.StartAsync(), await TestDatabase.CreateAsync(), inChildren, seed);
        await world.Cloudflare.CreateGatewayAsync(Gateway);
        await world.Cloudflare.CreateGatewayAsync(Foreign, new Dictionary<string, object?> { ["cache_ttl"] = 77 });
        await world.Beliefs.RememberAsync(world, $"ai-gateway/gateways/{Foreign}");
        return world;
    }

    /// <summary>Of the service that is running; starts one where there is none.</summary>
    public async Task<HttpClient> ApiAsync()
    {
        if (_replica is ChildService { HasExited: true })
        {
            await StopAsync();
        }

        if (_api is null)
        {
            if (InChildren && _where.Next(2) == 0)
            {
                await StartChildAsync("");
            }
            else
            {
                var service = await StartServiceAsync();
                (_replica, _api) = (service, service.Operator);
            }
        }

        return _api!;
    }

    /// <summary>Another replica, in this process, for as long as the caller wants.</summary>
    public Task<TestService> StartServiceAsync() => TestService.StartAsync(Database, Cloudflare, time: Clock);

    /// <summary>In the place of what is running.</summary>
    public async Task<ChildService> StartChildAsync(string faultPoint)
    {
        await StopAsync();
        var child = await ChildService.StartAsync(Database, Cloudflare, faultPoint);
        (_replica, _api) = (child, child.Operator);
        return child;
    }

    public async Task StopAsync()
    {
        if (_replica is not null)
        {
            await _replica.DisposeAsync();
        }

        (_replica, _api) = (null, null);
    }

    public async Task<Said> AskAsync(HttpMethod method, string path, JsonNode? body = null, string? idempotencyKey = null, HttpClient? api = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/v1/{path}", UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        if (method == HttpMethod.Put)
        {
            request.Headers.Add("If-Match", "*");
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        try
        {
            using var response = await (api ?? await ApiAsync()).SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return new Said((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
        }
        catch (HttpRequestException)
        {
            return new Said(0, null);
        }
    }

    /// <summary>The emulator's own management API, as anybody else uses it.</summary>
    public async Task<JsonObject> CloudflareAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Cloudflare.Management.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path} {body?.ToJsonString()}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Members of a list of the management API, whatever envelope it has; the lists of these runs fit one page.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path)
    {
        var answer = await CloudflareAsync(HttpMethod.Get, $"{path}{(path.Contains('?') ? '&' : '?')}per_page=100");
        return [.. (answer["result"] ?? answer["data"]!["routes"])!.AsArray().Select(item => item!.AsObject())];
    }

    public async Task<JsonObject> LiveAsync() => (await CloudflareAsync(HttpMethod.Get, $"ai-gateway/gateways/{Gateway}"))["result"]!.AsObject();

    /// <summary>Reads the gateway, changes fields, writes it: as every client of Cloudflare has to.</summary>
    public async Task<JsonObject> MeddleAsync(IReadOnlyDictionary<string, JsonNode?> fields)
    {
        var body = await LiveAsync();
        foreach (var readOnly in new[] { "id", "created_at", "modified_at" })
        {
            body.Remove(readOnly);
        }

        foreach (var (name, value) in fields)
        {
            body[name] = value?.DeepClone();
        }

        return (await CloudflareAsync(HttpMethod.Put, $"ai-gateway/gateways/{Gateway}", body.DeepClone()))["result"]!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Cloudflare.DisposeAsync();
        await Database.DisposeAsync();
    }

    private sealed class Mended(ChaosWorld world) : IDisposable
    {
        public void Dispose() => world.IsFailing = false;
    }
}
