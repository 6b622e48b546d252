using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Dev;

namespace GatewayOps.Cli.Demo;

/// <summary>What the steps act on: the operator API, the proxy as an application sees it, and the emulator's two faces.</summary>
public sealed class DemoWorld : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient _proxy;
    private readonly HttpClient _emulator;

    public DemoWorld(DevEnvironment environment)
    {
        Environment = environment;
        Api = new ControlPlaneApi(new ServiceAddress(environment.ServiceUrl, environment.OperatorToken));
        _proxy = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = environment.ServiceUrl, Timeout = Patience };
        if (environment.ProxyToken is { } token)
        {
            _proxy.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        _emulator = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = environment.EmulatorUrl, Timeout = Patience };
        _emulator.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", DevEnvironment.CloudflareToken);
    }

    public DevEnvironment Environment { get; }
    public ControlPlaneApi Api { get; }

    /// <summary>Requests that the demo itself sent to the proxy: what the usage endpoint has to agree with.</summary>
    public int Sent { get; private set; }

    public async Task<ChatAnswer> ChatAsync(string prompt, bool stream, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = "gpt-4o-mini",
            ["stream"] = stream,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        Sent++;
        using var response = await _proxy.PostAsync("/v1/chat/completions", content, cancellationToken);
        return new ChatAnswer(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(cancellationToken),
            Header(response, "x-gatewayops-provider"),
            Header(response, "x-gatewayops-cache"),
            Header(response, "x-gatewayops-revision"));
    }

    /// <summary>How many requests a simulated provider has received.</summary>
    public async Task<int> ReceivedAsync(string provider, CancellationToken cancellationToken) =>
        (await EmulatorAsync(HttpMethod.Get, $"/_emulator/upstreams/{provider}", body: null, cancellationToken))["requests"]!.GetValue<int>();

    public Task FaultAsync(string provider, JsonObject fault, CancellationToken cancellationToken) =>
        EmulatorAsync(HttpMethod.Put, $"/_emulator/upstreams/{provider}/fault", fault, cancellationToken);

    public Task HealAsync(string provider, CancellationToken cancellationToken) =>
        EmulatorAsync(HttpMethod.Delete, $"/_emulator/upstreams/{provider}/fault", body: null, cancellationToken);

    public Task ManagementFaultAsync(JsonObject fault, CancellationToken cancellationToken) =>
        EmulatorAsync(HttpMethod.Put, "/_emulator/management/fault", fault, cancellationToken);

    public Task AdvanceClockAsync(int seconds, CancellationToken cancellationToken) =>
        EmulatorAsync(HttpMethod.Post, "/_emulator/clock/advance", new JsonObject { ["seconds"] = seconds }, cancellationToken);

    /// <summary>Cloudflare's own management API, as somebody else would use it behind our back.</summary>
    public async Task<JsonObject> CloudflareAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken) =>
        (await EmulatorAsync(method, $"/client/v4/accounts/{DevEnvironment.Account}/ai-gateway{path}", body, cancellationToken))["result"]!.AsObject();

    /// <summary>The gateway's log rows as Cloudflare lists them (the demo makes fewer than one page of them).</summary>
    public async Task<JsonArray> CloudflareLogsAsync(string gateway, CancellationToken cancellationToken) =>
        (await EmulatorAsync(HttpMethod.Get, $"/client/v4/accounts/{DevEnvironment.Account}/ai-gateway/gateways/{gateway}/logs?per_page=50", body: null, cancellationToken))["result"]!.AsArray();

    /// <summary>Looks until it sees it, or fails with what it saw last.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<CancellationToken, Task<T>> look, Func<T, bool> holds, Func<T, string> otherwise, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look(cancellationToken);
            if (holds(seen))
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new DemoException($"{otherwise(seen)} (waited {Patience.TotalSeconds:0} s)");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    public void Dispose()
    {
        Api.Dispose();
        _proxy.Dispose();
        _emulator.Dispose();
    }

    private async Task<JsonNode> EmulatorAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _emulator.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        DemoException.Unless(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";
}

/// <summary>An answer of the proxy, with the headers that say how it came about.</summary>
public sealed record ChatAnswer(int Status, string Body, string Provider, string Cache, string Revision);
