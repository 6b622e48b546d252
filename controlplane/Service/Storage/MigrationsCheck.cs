using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Whether the database has the schema of this build; one that was put back to an older state has not. A newer one is all right: replicas are replaced one by one.</summary>
internal sealed class MigrationsCheck(NpgsqlDataSource source, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks: orchestrators ask every few seconds.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<string>>? _look;
    private long _lookedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var pending = await Look().WaitAsync(Patience, time, cancellationToken);
            return pending.Count == 0
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"The database lacks {pending.Count} migrations, {pending[0]} and later: restart the service, which applies them.");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "not known: PostgreSQL does not answer", e);
        }
    }

    // At most one is on its way, so that probes do not use up the connections while the database hangs.
    private Task<IReadOnlyList<string>> Look()
    {
        lock (_lock)
        {
            if (_look is { IsCompleted: false } || (_look is { IsCompletedSuccessfully: true } && time.GetElapsedTime(_lookedAt) < Fresh))
            {
                return _look;
            }

            _lookedAt = time.GetTimestamp();
            return _look = Task.Run(PendingAsync);
        }
    }

    private async Task<IReadOnlyList<string>> PendingAsync()
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        return await KnownMigrations.PendingAsync(connection, CancellationToken.None);
    }
}
