using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Ingestion;

/// <summary>A gateway of the emulator, a database, and the poller between them.</summary>
internal sealed class PolledGateway : IAsyncDisposable
{
    public const string Id = "polled";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TestEmulator _emulator;
    private readonly HttpClient _http = new();
    private readonly GatewayState _gateway;

    private PolledGateway(TestEmulator emulator, TestDatabase database, IngestionOptions options)
    {
        _emulator = emulator;
        _gateway = emulator.Account.FindGateway(Id)!;
        Database = database;
        Store = new GatewayLogStore(database.DataSource, database.Contexts);
        Cloudflare = new CloudflareClient(
            _http, new CloudflareOptions { AccountId = emulator.Options.AccountId, ApiToken = emulator.Options.ApiToken, BaseUrl = emulator.ApiUrl, MaxRetries = 0 }, TimeProvider.System);
        Meters = _services.GetRequiredService<IMeterFactory>();
        Metrics = new IngestionMetrics(Meters, new TelemetryMetrics(Meters), TimeProvider.System);
        Poller = new LogPoller(Cloudflare, Store, Metrics, Options.Create(options), TimeProvider.System);
        Start = TimeProvider.System.GetUtcNow().AddMinutes(-30);
    }

    public TestDatabase Database { get; }
    public GatewayLogStore Store { get; }
    public CloudflareClient Cloudflare { get; }
    public IMeterFactory Meters { get; }
    public IngestionMetrics Metrics { get; }
    public LogPoller Poller { get; }
    public TestEmulator Emulator => _emulator;

    /// <summary>Half an hour ago: entries are placed after it.</summary>
    public DateTimeOffset Start { get; }

    public static async Task<PolledGateway> StartAsync(IngestionOptions? options = null)
    {
        var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync(Id);
        return new PolledGateway(emulator, await TestDatabase.CreateAsync(), options ?? new IngestionOptions());
    }

    /// <summary>An entry of the gateway's log, so many seconds after <see cref="Start"/>, that appears now.</summary>
    public string Log(double seconds, string? metadata = null, string model = "gpt-4o-mini")
    {
        var id = _gateway.Logs.NewId(Start.AddSeconds(seconds));
        Assert.True(_gateway.AddLog(new LogRow
        {
            Id = id,
            Provider = "openai",
            Model = model,
            Path = "chat/completions",
            StatusCode = 200,
            Success = true,
            Duration = 12,
            TokensIn = 3,
            TokensOut = 5,
            Cost = 0.25m,
            Metadata = metadata,
        }));
        return id;
    }

    public Task<int> PollAsync() => Poller.PollAsync(Id, CancellationToken.None);

    /// <summary>The ids in the database, oldest entry first; an entry that is there twice is here twice.</summary>
    public Task<IReadOnlyList<string>> StoredAsync() => Database.QueryAsync<string>("select id from gateway_logs order by created_at, id");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _emulator.DisposeAsync();
        await Database.DisposeAsync();
        await _services.DisposeAsync();
    }
}
