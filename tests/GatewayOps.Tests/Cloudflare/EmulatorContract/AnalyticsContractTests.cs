using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Analytics;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Cloudflare.Observability;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

/// <summary>GraphQL and telemetry tell what the log rows tell.</summary>
public sealed class AnalyticsContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private CloudflareClient _client = null!;
    private List<LogEntry> _entries = null!;
    private DateTimeOffset _from;
    private DateTimeOffset _until;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _client = _emulator.Client();
        await _emulator.CreateGatewayAsync("gw");
        using var filled = await _emulator.Admin.PostAsJsonAsync("gateways/gw/logs", new { count = 120, seed = 7 });
        Assert.True(filled.IsSuccessStatusCode, await filled.Content.ReadAsStringAsync());
        _entries = await _client.Logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync();
        (_from, _until) = (_entries[0].CreatedAt.AddMinutes(-1), _entries[^1].CreatedAt.AddMinutes(1));
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact]
    public async Task Groups_ByModel_AreTheSumsOfTheLog()
    {
        var rows = await _client.Analytics.GroupsAsync(
            new AnalyticsQuery(_from, _until) { Gateway = "gw", Dimensions = ["provider", "model"], Sums = ["cost", "erroredRequests", "cachedRequests"], OrderBy = ["model_ASC"] }, CancellationToken.None);
        var expected = _entries.GroupBy(entry => (entry.Provider, entry.Model)).ToDictionary(group => group.Key, group => (group.LongCount(), Cost: group.Sum(entry => entry.Cost ?? 0)));
        Assert.Equal(expected.Count, rows.Count);
        Assert.All(rows, row =>
        {
            var (count, cost) = expected[(row.Dimensions["provider"], row.Dimensions["model"])];
            Assert.Equal(count, row.Count);
            Assert.Equal((double)cost, (double)row.Sums["cost"], 6);
        });
        Assert.Equal(rows.Select(row => row.Dimensions["model"]).Order(StringComparer.Ordinal), rows.Select(row => row.Dimensions["model"]));
    }

    [Fact]
    public async Task Groups_FilteredByTimeAndModel_AreNarrowed()
    {
        var middle = _entries[60].CreatedAt;
        var rows = await _client.Analytics.GroupsAsync(
            new AnalyticsQuery(_from, middle) { Gateway = "gw", Model = _entries[0].Model, Quantiles = ["durationMsP50"], Filter = new JsonObject { ["statusCode_lt"] = 500 } }, CancellationToken.None);
        var expected = _entries.Where(entry => entry.CreatedAt < middle && entry.Model == _entries[0].Model && entry.StatusCode < 500).ToList();
        // Times of the query are whole seconds.
        Assert.InRange(Assert.Single(rows).Count!.Value, expected.Count - 1, expected.Count);
        Assert.InRange(rows[0].Quantiles["durationMsP50"], expected.Min(entry => entry.DurationMs), expected.Max(entry => entry.DurationMs));
    }

    [Theory]
    [InlineData(AnalyticsDatasets.Requests)]
    [InlineData(AnalyticsDatasets.Cache)]
    [InlineData(AnalyticsDatasets.Errors)]
    [InlineData(AnalyticsDatasets.Size)]
    [InlineData(AnalyticsDatasets.Inference)]
    public async Task Settings_OfEachDataset_LimitWhatMayBeAsked(string dataset)
    {
        var settings = await _client.Analytics.SettingsAsync(dataset, CancellationToken.None);
        Assert.Equal((true, TimeSpan.FromDays(62), TimeSpan.FromDays(32), 30L), (settings.Enabled, settings.NotOlderThan, settings.MaxDuration, settings.MaxNumberOfFields));
        var query = new AnalyticsQuery(_until - TimeSpan.FromDays(33), _until) { Dataset = dataset, Count = dataset != AnalyticsDatasets.Size, Maxima = dataset == AnalyticsDatasets.Size ? ["rows"] : [] };
        Assert.Equal(CloudflareErrorKind.Validation, await _client.Analytics.GroupsAsync(query, CancellationToken.None).KindAsync());
        Assert.NotNull(await _client.Analytics.GroupsAsync(query with { From = _from }, CancellationToken.None));
    }

    [Fact]
    public async Task Failures_WithTheStatus200_AreFailures()
    {
        Assert.Equal(CloudflareErrorKind.Validation, await _client.Analytics.QueryAsync("{viewer{nonsense}}", [], CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.Validation, await _client.Analytics.QueryAsync("{{{", [], CancellationToken.None).KindAsync());
        var stranger = _emulator.Client(options => options with { AccountId = "another-account" });
        Assert.Contains(await stranger.Analytics.GroupsAsync(new AnalyticsQuery(_from, _until), CancellationToken.None).KindAsync(), new[] { CloudflareErrorKind.Permission, CloudflareErrorKind.Validation });
        var wrong = _emulator.Client(options => options with { ApiToken = "wrong" });
        Assert.Contains(await wrong.Analytics.QueryAsync("{viewer{__typename}}", [], CancellationToken.None).KindAsync(), new[] { CloudflareErrorKind.Authentication, CloudflareErrorKind.Permission });
    }

    [Fact]
    public async Task Telemetry_Events_AreTheLogToTheEnd()
    {
        var query = new TelemetryQuery(_from, _until) { Limit = 50 };
        var events = await _client.Observability.ListEventsAsync(query, CancellationToken.None).AllAsync();
        Assert.Equal(_entries.Count, events.Select(found => found.Id).Distinct().Count());
        var provider = _entries[0].Provider;
        var narrowed = await _client.Observability.ListEventsAsync(query with { Filters = [new("provider", "eq", JsonValue.Create(provider))] }, CancellationToken.None).AllAsync();
        Assert.Equal(_entries.Count(entry => entry.Provider == provider), narrowed.Count);
    }

    [Fact]
    public async Task Telemetry_Calculations_CountByGroup()
    {
        var results = await _client.Observability.CalculateAsync(
            new TelemetryQuery(_from, _until) { Calculations = [new("count", Alias: "n"), new("max", "$metadata.duration")], GroupBy = ["provider"] }, CancellationToken.None);
        var expected = _entries.GroupBy(entry => entry.Provider).ToDictionary(group => group.Key, group => (decimal)group.Count());
        Assert.Equal(expected.OrderBy(row => row.Key), results[0].Groups.Select(group => KeyValuePair.Create(group.Groups["provider"], group.Value)).OrderBy(row => row.Key));
        Assert.Equal(_entries.Max(entry => entry.DurationMs), (long)results[1].Groups.Max(group => group.Value));
    }
}
