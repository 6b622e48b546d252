using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Admin;

/// <summary>Fills a gateway's log, for whoever tests against many rows.</summary>
public static class LogFillEndpoints
{
    public static void MapLogFill(this RouteGroupBuilder admin) => admin.MapPost("/gateways/{gateway}/logs", Fill).WithSummary("Fill a log with synthetic rows");

    private static async Task<IResult> Fill(HttpRequest request, string gateway, EmulatorState state, EmulatorOptions options, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var (fill, refusal) = await AdminJson.ReadAsync<LogFill>(request, cancellationToken);
        if (fill is null)
            return refusal!;
        if (fill.Count < 1 || fill.Count > options.MaxLogRows)
            return AdminJson.Refuse($"count: 1 to {options.MaxLogRows}.");
        var to = fill.To ?? clock.GetUtcNow();
        var from = fill.From ?? to.AddDays(-1);
        if (from < DateTimeOffset.UnixEpoch || from >= to)
            return AdminJson.Refuse("from: since 1970, and before to.");
        if (state.FindAccount(options.AccountId)?.FindGateway(gateway) is not { } found)
            return AdminJson.Answer(new { error = $"There is no gateway '{gateway}'." }, StatusCodes.Status404NotFound);
        var added = found.ImportLogs(new SyntheticLogs(fill.Count, from, to, fill.Seed, fill.Bodies).Rows().TakeWhile(_ => !cancellationToken.IsCancellationRequested));
        return AdminJson.Answer(new { added, rows = found.Logs.Count, from, to });
    }

    /// <summary>Default: the 24 hours up to now. `Seed`: the same seed and times give the same rows, which are not added twice.</summary>
    private sealed record LogFill
    {
        public required int Count { get; init; }
        public DateTimeOffset? From { get; init; }
        public DateTimeOffset? To { get; init; }
        public int Seed { get; init; } = 1;
        public bool Bodies { get; init; }
    }
}
