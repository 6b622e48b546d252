using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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
    private readonly MeterListener _listener;
    private int _added;

    private PolledGateway(TestEmulator emulator, TestDatabase database, IngestionOptions options, TimeProvider time)
    {
        _emulator = emulator;
        _gateway = emulator.Account.FindGateway(Id)!;
        Database = database;
        Cloudflare = new CloudflareClient(
            _http, new CloudflareOptions { AccountId = emulator.Options.AccountId, ApiToken = emulator.Options.ApiToken, BaseUrl = emulator.ApiUrl, MaxRetries = 0 }, TimeProvider.System);
        Meters = _services.GetRequiredService<IMeterFactory>();
        _listener = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Meter.Scope == Meters && instrument.Name == "gatewayops_poll_records") self.EnableMeasurementEvents(instrument); } };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Interlocked.Add(ref _added, tags.ToArray().Contains(new("result", "added")) ? (int)value : 0));
        _listener.Start();
        Metrics = new IngestionMetrics(Meters, new TelemetryMetrics(Meters), time);
        Store = new GatewayLogStore(database.Contexts);
        Feeds = new FeedStore(database.Contexts, time);
        Attempts = new AttemptStore(database.DataSource, Options.Create(options), Metrics, time);
        IPolledSource[] sources = [new LogsApiSource(Cloudflare), new TelemetrySource(Cloudflare, time)];
        Backfills = new Backfills(sources, Attempts, database.Contexts, time);
        Poller = new LogPoller(
            sources, Attempts, Feeds, Backfills, new LogBodies(Cloudflare, database.Contexts, Options.Create(options), time), database.Contexts, new CallPace(options.CallsPerFiveMinutes, time), Metrics, Options.Create(options), time, new LoggerFactory([Told]).CreateLogger<LogPoller>());
        Room = new LogRoom(Cloudflare, Feeds, new CallPace(options.CallsPerFiveMinutes, time), Metrics, time, new LoggerFactory([Told]).CreateLogger<LogRoom>());
        Start = TimeProvider.System.GetUtcNow().AddMinutes(-30);
    }

    public TestDatabase Database { get; }
    public GatewayLogStore Store { get; }
    public FeedStore Feeds { get; }
    public AttemptStore Attempts { get; }
    public Backfills Backfills { get; }
    public CloudflareClient Cloudflare { get; }
    public IMeterFactory Meters { get; }
    public IngestionMetrics Metrics { get; }
    public LogPoller Poller { get; }
    public LogRoom Room { get; }
    public TestEmulator Emulator => _emulator;

    /// <summary>What the poller and <see cref="Room"/> log.</summary>
    public CapturedLog Told { get; } = new();

    /// <summary>Rows that were new, as the metric counts them.</summary>
    public int Added => Volatile.Read(ref _added);

    /// <summary>Half an hour ago: entries are placed after it.</summary>
    public DateTimeOffset Start { get; }

    public static async Task<PolledGateway> StartAsync(IngestionOptions? options = null, EmulatorOptions? emulator = null, TimeProvider? time = null)
    {
        var running = await TestEmulator.StartAsync(emulator);
        await running.CreateGatewayAsync(Id);
        return new PolledGateway(running, await TestDatabase.CreateAsync(), options ?? new IngestionOptions(), time ?? TimeProvider.System);
    }

    /// <summary>An entry of the gateway's log, so many seconds after <see cref="Start"/>, that appears now.</summary>
    public string Log(double seconds, string? metadata = null, string model = "gpt-4o-mini", string? body = null) => LogOf(Id, seconds, metadata, model, body);

    /// <summary>The same of another gateway.</summary>
    public string LogOf(string gateway, double seconds, string? metadata = null, string model = "gpt-4o-mini", string? body = null)
    {
        var state = _emulator.Account.FindGateway(gateway)!;
        var id = state.Logs.NewId(Start.AddSeconds(seconds));
        Assert.True(state.AddLog(new LogRow
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
            RequestBody = body is null ? null : System.Text.Encoding.UTF8.GetBytes(body),
        }));
        return id;
    }

    /// <summary>As log management does, or its user.</summary>
    public void DeleteOldest(int rows) => _gateway.Logs.Remove([.. _gateway.Logs.Visible().Take(rows)]);

    /// <summary>Polls the gateway to its end, and returns how many rows were new.</summary>
    public async Task<int> PollAsync(string gateway = Id)
    {
        var before = Added;
        await Poller.PollAsync([gateway], TimeSpan.FromMinutes(1), CancellationToken.None);
        return Added - before;
    }

    /// <summary>The time of the newest row that was read; null before the first.</summary>
    public async Task<DateTimeOffset?> ThroughAsync(string source = LogSources.Logs, string gateway = Id) =>
        (await Feeds.OfAsync(gateway, CancellationToken.None)).SingleOrDefault(feed => feed.Source == source)?.Through;

    /// <summary>The ids in the database, oldest entry first; an entry that is there twice is here twice.</summary>
    public Task<IReadOnlyList<string>> StoredAsync() => Database.QueryAsync<string>("select id from gateway_logs order by created_at, id");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _listener.Dispose();
        await _emulator.DisposeAsync();
        await Database.DisposeAsync();
        await _services.DisposeAsync();
    }
}
