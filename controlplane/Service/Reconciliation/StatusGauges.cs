using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Keeps this replica's gauges at what the stored statuses say: the replica that ran the last pass may be another one.</summary>
public sealed class StatusGauges(IDbContextFactory<GatewayOpsDb> databases, ReconciliationMetrics metrics, IOptions<ReconciliationOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            try
            {
                await using var db = await databases.CreateDbContextAsync(stoppingToken);
                foreach (var row in await db.GatewayStatuses.AsNoTracking().ToListAsync(stoppingToken))
                {
                    metrics.Status(GatewayStatus.Of(row));
                }
            }
            catch (NpgsqlException)
            {
                // Readiness tells of a database that is away; the gauges keep what they last showed.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
