using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Whether the database answers within two seconds.</summary>
internal sealed class DatabaseCheck(NpgsqlDataSource source, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private Task? _probe;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await Probe().WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "PostgreSQL does not answer", e);
        }
    }

    // Left behind rather than cancelled: to cancel a command, Npgsql waits for the server, and one that hangs would hang us for a minute.
    // At most one is on its way, so that probes do not use up the connections while it hangs.
    private Task Probe()
    {
        lock (_gate)
        {
            return _probe is { IsCompleted: false } under ? under : _probe = Task.Run(ProbeAsync);
        }
    }

    private async Task ProbeAsync()
    {
        await using var command = source.CreateCommand("select 1");
        await command.ExecuteScalarAsync(CancellationToken.None);
    }
}
