using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Support;

/// <summary>An emulator of its own for one test, on a free port, over a real socket.</summary>
public sealed class TestEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private HeldCall? _held;

    private TestEmulator(WebApplication app, EmulatorOptions options)
    {
        _app = app;
        Options = options;
        BaseUrl = new Uri(app.Urls.First());
        Management = NewClient($"/client/v4/accounts/{options.AccountId}/");
        Management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiToken);
        Admin = NewClient("/_emulator/");
    }

    public EmulatorOptions Options { get; }

    public Uri BaseUrl { get; }

    /// <summary>For `CloudflareOptions.BaseUrl` and CLOUDFLARE_BASE_URL.</summary>
    public Uri ApiUrl => new(BaseUrl, "/client/v4");

    /// <summary>Authenticated; relative addresses start at the account: `ai-gateway/gateways`.</summary>
    public HttpClient Management { get; }

    /// <summary>Relative addresses start at `/_emulator/`.</summary>
    public HttpClient Admin { get; }

    /// <summary>Every route that it answers.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public AccountState Account => _app.Services.GetRequiredService<EmulatorState>().FindAccount(Options.AccountId)!;

    /// <param name="options">What it is to be like.</param>
    /// <param name="before">What stands before every request: to count them, to delay them.</param>
    public static async Task<TestEmulator> StartAsync(EmulatorOptions? options = null, Func<HttpContext, RequestDelegate, Task>? before = null)
    {
        var chosen = (options ?? new EmulatorOptions()) with { Url = "http://127.0.0.1:0" };
        var app = EmulatorHost.Build(chosen);
        if (before is not null) app.Use(before);
        TestEmulator? made = null;
        app.Use(async (context, next) =>
        {
            if (made?._held is { } held && held.Takes(context.Request))
                await held.PassAsync(context.RequestAborted);
            await next(context);
        });
        await app.StartAsync();
        return made = new TestEmulator(app, chosen);
    }

    /// <summary>A client without credentials, at a path of the emulator. What it is answered below `/client/v4` is held to the OpenAPI document.</summary>
    public HttpClient NewClient(string path = "/") => new(new ContractHandler(Held)) { BaseAddress = new Uri(BaseUrl, path) };

    // Graphs of the older documents are what the OpenAPI document forbids: a test that lets them in gets them back.
    private Held Held => Options.Assumptions is { ShortRouteElements: false, OldRouteVocabulary: false, KeepsInvalidRouteGraphs: false } ? Held.Answers : Held.Nothing;

    public async Task AdvanceClockAsync(TimeSpan by) => await AdminAsync(HttpMethod.Post, "clock/advance", new { seconds = by.TotalSeconds });

    /// <summary>`fault` as the admin API takes it: `new { path = "*/gateways", method = "POST", status = 429, retryAfter = "1", times = 1 }`.</summary>
    public async Task SetManagementFaultAsync(object fault) => await AdminAsync(HttpMethod.Put, "management/fault", fault);

    /// <summary>Holds the next request of this method whose path ends so, before it has any effect, until the test releases it.</summary>
    public HeldCall HoldNext(string method, string pathEnd) => _held = new HeldCall(method, pathEnd);

    public async Task ClearManagementFaultsAsync() => await AdminAsync(HttpMethod.Delete, "management/fault");

    /// <summary>Faults of a simulated provider: `new { status = 503, times = 2 }`.</summary>
    public async Task SetUpstreamFaultAsync(string provider, object fault) => await AdminAsync(HttpMethod.Put, $"upstreams/{provider}/fault", fault);

    public async Task ClearUpstreamFaultAsync(string provider) => await AdminAsync(HttpMethod.Delete, $"upstreams/{provider}/fault");

    /// <summary>{ requests, recorded: [...] } of a provider.</summary>
    public async Task<JsonElement> UpstreamAsync(string provider) => await AdminAsync(HttpMethod.Get, $"upstreams/{provider}");

    /// <summary>The management requests so far, oldest first: { method, path, status }.</summary>
    public async Task<IReadOnlyList<JsonElement>> ManagementRequestsAsync() =>
        [.. (await AdminAsync(HttpMethod.Get, "management/requests")).GetProperty("requests").EnumerateArray()];

    /// <summary>Makes a gateway by the public API; `more` replaces or adds members of the body.</summary>
    public async Task<JsonElement> CreateGatewayAsync(string id, IReadOnlyDictionary<string, object?>? more = null)
    {
        var body = new Dictionary<string, object?>
        {
            ["id"] = id,
            ["cache_invalidate_on_update"] = false,
            ["cache_ttl"] = 0,
            ["collect_logs"] = true,
            ["rate_limiting_interval"] = 0,
            ["rate_limiting_limit"] = 0,
        };
        foreach (var (name, value) in more ?? new Dictionary<string, object?>())
            body[name] = value;
        using var response = await Management.PostAsJsonAsync("ai-gateway/gateways", body);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer.GetProperty("result");
    }

    public async ValueTask DisposeAsync()
    {
        Management.Dispose();
        Admin.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<JsonElement> AdminAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
