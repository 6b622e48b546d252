using System.Collections.Frozen;
using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>Every dataset of contract section 15, over the log rows of the account.</summary>
public static class Datasets
{
    private static readonly Dimension[] Times =
    [
        Dimension.Time("date", TimeSpan.FromDays(1), Scalar.Date),
        Dimension.Time("datetime", TimeSpan.FromSeconds(1)),
        Dimension.Time("datetimeMinute", TimeSpan.FromMinutes(1)),
        Dimension.Time("datetimeFiveMinutes", TimeSpan.FromMinutes(5)),
        Dimension.Time("datetimeFifteenMinutes", TimeSpan.FromMinutes(15)),
        Dimension.Time("datetimeHour", TimeSpan.FromHours(1)),
    ];

    private static readonly Dimension Gateway = new("gateway", Scalar.String, fact => fact.Gateway.Id);
    private static readonly Dimension Provider = new("provider", Scalar.String, fact => fact.Row!.Provider);
    private static readonly Dimension Model = new("model", Scalar.String, fact => fact.Row!.Model);

    private static readonly Measure DurationMs = new("durationMs", fact => fact.Row!.Duration);
    private static readonly Measure Cost = new("cost", fact => fact.Row!.Cost);
    private static readonly Measure TokensIn = new("tokensIn", fact => fact.Row!.TokensIn ?? 0);
    private static readonly Measure TokensOut = new("tokensOut", fact => fact.Row!.TokensOut ?? 0);

    public static Dataset Requests { get; } = new(
        "aiGatewayRequestsAdaptiveGroups",
        Logged(_ => true),
        [
            .. Times, Gateway, Provider, Model,
            Flag("cached", row => row.Cached),
            Flag("error", IsError),
            Flag("rateLimited", row => row.StatusCode == StatusCodes.Status429TooManyRequests),
            Flag("wholesale", row => row.Wholesale),
            new("statusCode", Scalar.Number, fact => (decimal)fact.Row!.StatusCode),
            new("cost", Scalar.Number, fact => fact.Row!.Cost),
            new("durationMs", Scalar.Number, fact => (decimal)fact.Row!.Duration),
            new("tokensIn", Scalar.Number, fact => (decimal)(fact.Row!.TokensIn ?? 0)),
            new("tokensOut", Scalar.Number, fact => (decimal)(fact.Row!.TokensOut ?? 0)),
            new("userAgent", Scalar.String, fact => fact.Row!.UserAgent ?? ""),
            new("metadataRaw", Scalar.String, fact => fact.Row!.Metadata ?? ""),
            new("metadataKeys", Scalar.Strings, fact => Metadata(fact.Row!).Select(member => member.Name).ToList()),
            new("metadataValues", Scalar.Strings, fact => Metadata(fact.Row!).Select(member => member.Value.ToString()).ToList()),
        ],
        sums:
        [
            Cost, TokensIn, TokensOut,
            new("cachedRequests", fact => fact.Row!.Cached ? 1 : 0),
            new("erroredRequests", fact => IsError(fact.Row!) ? 1 : 0),
            new("cachedTokensIn", fact => fact.Row!.Cached ? fact.Row.TokensIn ?? 0 : 0),
            new("cachedTokensOut", fact => fact.Row!.Cached ? fact.Row.TokensOut ?? 0 : 0),
            new("uncachedTokensIn", fact => fact.Row!.Cached ? 0 : fact.Row.TokensIn ?? 0),
            new("uncachedTokensOut", fact => fact.Row!.Cached ? 0 : fact.Row.TokensOut ?? 0),
        ],
        sampled: [DurationMs]);

    public static Dataset Cache { get; } = new(
        "aiGatewayCacheAdaptiveGroups",
        Logged(row => row.Cached),
        [.. Times, Gateway, Provider, Model, new("cacheOp", Scalar.String, _ => "hit"), new("cacheStatus", Scalar.String, _ => "hit")]);

    public static Dataset Errors { get; } = new("aiGatewayErrorsAdaptiveGroups", Logged(IsError), [.. Times, Gateway, Provider, Model]);

    /// <summary>Log rows of each gateway, as they are now.</summary>
    public static Dataset Size { get; } = new(
        "aiGatewaySizeAdaptiveGroups",
        (account, _, until) => account.Gateways.Select(gateway => new Fact(gateway, Row: null, until)),
        [.. Times, Gateway, new("logManagement", Scalar.Number, fact => (decimal)fact.Gateway.Settings.LogManagement)],
        maxima: [new("rows", fact => fact.Gateway.Logs.Count)]);

    /// <summary>Workers AI, as far as it went through a gateway: nothing else is logged.</summary>
    public static Dataset Inference { get; } = new(
        "aiInferenceAdaptiveGroups",
        Logged(row => row.Provider == "workers-ai"),
        [
            .. Times, Gateway,
            new("modelId", Scalar.String, fact => fact.Row!.Model),
            new("errorCode", Scalar.Number, fact => (decimal)(IsError(fact.Row!) ? fact.Row!.StatusCode : 0)),
            new("requestSource", Scalar.String, _ => "gateway"),
            new("tag", Scalar.String, _ => ""),
        ],
        sums: [new("totalInputTokens", TokensIn.Read), new("totalOutputTokens", TokensOut.Read)]);

    public static IReadOnlyList<Dataset> All { get; } = [Requests, Cache, Errors, Size, Inference];

    private static readonly FrozenDictionary<string, Dataset> ByName = All.ToFrozenDictionary(dataset => dataset.Name, StringComparer.Ordinal);

    public static Dataset? Find(string name) => ByName.GetValueOrDefault(name);

    private static FactSource Logged(Func<LogRow, bool> which) => (account, since, until) =>
        from gateway in account.Gateways
        from row in gateway.Logs.Between(since, until)
        where which(row)
        select new Fact(gateway, row, row.CreatedAt);

    // 0 and 1, as the analytics database stores them.
    private static Dimension Flag(string name, Func<LogRow, bool> read) => new(name, Scalar.Number, fact => read(fact.Row!) ? decimal.One : decimal.Zero);

    private static bool IsError(LogRow row) => !row.Success && !row.Cached;

    private static IEnumerable<JsonProperty> Metadata(LogRow row) =>
        row.Metadata is null ? [] : JsonElement.Parse(row.Metadata).EnumerateObject();
}
