using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Telemetry;

/// <summary>A host with nothing but telemetry, on a real socket, and a meter to play with.</summary>
internal sealed class TelemetryHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TelemetryHost(WebApplication app)
    {
        _app = app;
        Meter = app.Services.GetRequiredService<IMeterFactory>().Create("GatewayOps.Test");
        Http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
    }

    public TestClock Clock { get; private init; } = new();
    public Meter Meter { get; }
    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;

    public static async Task<TelemetryHost> StartAsync(Action<IServiceCollection>? add = null, int? maxScrapeBytes = null)
    {
        var clock = new TestClock();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        add?.Invoke(builder.Services);
        if (maxScrapeBytes is { } most) builder.Configuration["GatewayOps:Telemetry:MaxScrapeBytes"] = $"{most}";
        builder.Services.AddTelemetry(builder.Configuration);
        var app = builder.Build();
        app.MapTelemetry();
        await app.StartAsync();
        return new TelemetryHost(app) { Clock = clock };
    }

    public Meter NewMeter(string name) => Services.GetRequiredService<IMeterFactory>().Create(name);

    /// <summary>A scrape that collects anew.</summary>
    public async Task<HttpResponseMessage> GetAsync(string? accept = null, params (string Name, string Value)[] headers)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (accept is not null) request.Headers.Add("Accept", accept);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await Http.SendAsync(request);
    }

    /// <summary>The families of a fresh scrape, through the strict parser.</summary>
    public async Task<IReadOnlyDictionary<string, PrometheusFamily>> ScrapeAsync(bool openMetrics = false) =>
        PrometheusText.Parse(await TextAsync(openMetrics), openMetrics);

    public async Task<string> TextAsync(bool openMetrics = false)
    {
        using var response = await GetAsync(openMetrics ? "application/openmetrics-text;version=1.0.0" : null);
        Assert.True(response.IsSuccessStatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
