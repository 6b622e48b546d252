using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Long.Tests.Proxy;

/// <summary>The service as a process, a provider that answers whole or with a stream of numbered chunks, and clients of the two.</summary>
internal sealed class LoadStage : IAsyncDisposable
{
    private readonly WebApplication _provider;
    private readonly TestDatabase _database;
    private readonly TestEmulator _emulator;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private LoadStage(WebApplication provider, TestDatabase database, TestEmulator emulator, ChildService service) =>
        (_provider, _database, _emulator, Service) = (provider, database, emulator, service);

    public ChildService Service { get; }

    public TestDatabase Database => _database;

    public string Account => _emulator.Options.AccountId;

    /// <summary>Resident memory of the service, bytes.</summary>
    public long Resident => long.Parse(
        File.ReadLines($"/proc/{Service.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    /// <param name="chunks">How many a stream has.</param>
    /// <param name="pause">Between two of them.</param>
    /// <param name="settings">Of the service, over those of the stage.</param>
    public static async Task<LoadStage> StartAsync(int chunks = 0, TimeSpan pause = default, IReadOnlyDictionary<string, string>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = builder.Build();
        provider.Run(context => chunks == 0 ? AnswerAsync(context) : StreamAsync(context, chunks, pause));
        await provider.StartAsync();
        var (database, emulator) = (await TestDatabase.CreateAsync(), await TestEmulator.StartAsync());
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["GatewayOps:Cloudflare:GatewayBaseUrl"] = provider.Urls.First() };
        return new LoadStage(provider, database, emulator, await ChildService.StartAsync(database, emulator, "", all));
    }

    /// <summary>A virtual key that the service knows.</summary>
    public async Task<string> IssueAsync()
    {
        using var made = await Service.Operator.PostAsJsonAsync("/api/v1/tokens", new { name = "load", key = new { models = new[] { "gpt-*" } } });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    public Task<HttpResponseMessage> SendAsync(string token, bool stream, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Service.Operator.BaseAddress!, "/v1/chat/completions"))
        {
            Content = JsonContent.Create(new { model = "gpt-4o-mini", stream, messages = new[] { new { role = "user", content = "Hello there" } } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The sum of a counter's series.</summary>
    public async Task<double> CounterAsync(string name) =>
        PrometheusText.Parse(await Service.Operator.GetStringAsync("/metrics"), openMetrics: false)[name].Samples.Sum(sample => sample.Value);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _client.Dispose();
        await _provider.DisposeAsync();
        await _emulator.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":10}}""");
    }

    private static async Task StreamAsync(HttpContext context, int chunks, TimeSpan pause)
    {
        context.Response.ContentType = "text/event-stream";
        for (var i = 0; i < chunks && !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("data: {\"choices\":[{\"delta\":{\"content\":\"" + i + ";\"}}]}\n\n"));
            await context.Response.Body.FlushAsync();
            await Task.Delay(pause, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":10}}\n\ndata: [DONE]\n\n");
        }
    }
}
