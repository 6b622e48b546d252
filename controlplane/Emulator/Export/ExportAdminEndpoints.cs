using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.Export.Logpush;
using GatewayOps.Emulator.Export.Otlp;

namespace GatewayOps.Emulator.Export;

/// <summary>What was exported and where to: /_emulator/exports. Ours, not Cloudflare's.</summary>
public static class ExportAdminEndpoints
{
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(30);

    /// <param name="admin">The group at /_emulator.</param>
    public static void MapExports(this RouteGroupBuilder admin)
    {
        admin.MapGet("/exports", (OtelExportJob otel, LogpushJob logpush, LogpushDestinations destinations) => Show(otel, logpush, destinations)).WithSummary("What was exported, and where to");
        admin.MapPost("/exports/flush", FlushAsync).WithSummary("Export now");
        admin.MapPut("/exports/logpush", SetDestinationsAsync).WithSummary("Where Logpush batches go");
    }

    private static IResult Show(OtelExportJob otel, LogpushJob logpush, LogpushDestinations destinations, int status = StatusCodes.Status200OK) =>
        AdminJson.Answer(new { otel = Counts(otel.Queue), logpush = Counts(logpush.Queue), destinations = destinations.All }, status);

    /// <summary>Answers when nothing is pending, or 504 with the counts when that takes too long.</summary>
    private static async Task<IResult> FlushAsync(OtelExportJob otel, LogpushJob logpush, LogpushDestinations destinations, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LongestFlush);
        logpush.Hurry();
        try
        {
            await Task.WhenAll(otel.Queue.DrainedAsync(patience.Token), logpush.Queue.DrainedAsync(patience.Token));
            return Show(otel, logpush, destinations);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Show(otel, logpush, destinations, StatusCodes.Status504GatewayTimeout);
        }
    }

    /// <summary>Addresses only: a folder is written to for who may start the emulator, not for who may reach it.</summary>
    private static async Task<IResult> SetDestinationsAsync(HttpRequest request, LogpushDestinations destinations, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<DestinationWish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        if (wish.Destinations.Count > LogpushDestinations.Most)
            return AdminJson.Refuse($"destinations: at most {LogpushDestinations.Most}.");
        if (wish.Destinations.Find(destination => LogpushDestinations.AddressOf(destination ?? "") is null) is { } wrong)
            return AdminJson.Refuse($"destinations: '{wrong}' is no http or https address; folders are given by --logpush.");
        if (wish.Destinations.Contains(null!))
            return AdminJson.Refuse("destinations: texts.");
        destinations.All = wish.Destinations;
        return Results.NoContent();
    }

    private static object Counts(ExportQueue queue)
    {
        var (pending, exported, failed, dropped) = queue.Counts;
        return new { pending, exported, failed, dropped };
    }

    private sealed record DestinationWish
    {
        public required List<string> Destinations { get; init; }
    }
}
