using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Keeps this replica's gauges at what the stored statuses say: the replica that ran the last pass may be another one.</summary>
public sealed partial class StatusGauges(
    IDbContextFactory<GatewayOpsDb> databases, Activations activations, ReconciliationMetrics metrics, IOptions<ReconciliationOptions> options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StatusGauges> log) : BackgroundService
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not at once: the first callers come before the gauges. By the machine's clock, whatever clock a test has.
        using var started = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStarted, stoppingToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, started.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(FirstLook, TimeProvider.System, stoppingToken);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            try
            {
                await ShowAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Failed(exception.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var row in await db.GatewayStatuses.AsNoTracking().ToListAsync(cancellationToken))
        {
            metrics.Status(GatewayStatus.Of(row));
        }

        foreach (var active in (await activations.AllAsync(db, cancellationToken)).GroupBy(active => active.Gateway))
        {
            metrics.Desired(active.Key, active.Sum(revision => revision.Revision.Number));
        }

        var now = time.GetUtcNow();
        metrics.OldestSecret(SecretKinds.OperatorToken, await OldestAsync(db.OperatorTokens, now, cancellationToken));
        metrics.OldestSecret(SecretKinds.VirtualKey, await OldestAsync(db.VirtualKeys, now, cancellationToken));
        metrics.OldestSecret(SecretKinds.ProviderKey, await db.ProviderKeys.MinAsync(key => (DateTimeOffset?)(key.RotatedAt ?? key.CreatedAt), cancellationToken));
    }

    private static Task<DateTimeOffset?> OldestAsync<T>(IQueryable<T> tokens, DateTimeOffset now, CancellationToken cancellationToken)
        where T : IssuedTokenRow =>
        tokens.Where(token => token.RevokedAt == null && !(token.ExpiresAt <= now)).MinAsync(token => (DateTimeOffset?)(token.RotatedAt ?? token.CreatedAt), cancellationToken);

    [LoggerMessage(2005, LogLevel.Warning, "The gauges keep what they last showed, the stored statuses cannot be read: {Message}")]
    private partial void Failed(string message);
}
