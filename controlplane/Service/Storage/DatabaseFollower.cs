using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>
/// Keeps something in memory at what the database says: at once when <paramref name="channel"/> is notified, and every <paramref name="interval"/> besides, which catches what a notification
/// missed and notices a dead connection. Without a database what is known stays; that it is away, and that it is back, is told once each.
/// </summary>
public abstract class DatabaseFollower(NpgsqlDataSource source, string channel, TimeSpan interval, TimeProvider time) : BackgroundService
{
    private bool _lost;

    /// <summary>The first look, before the service accepts requests. Throws when the database is away.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
        {
            await LookAsync(connection, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Takes over what is stored, if it is new. <paramref name="connection"/> is the one that listens.</summary>
    protected abstract Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>The database went away.</summary>
    protected abstract void OnLost(string reason);

    /// <summary>It is back, and has been looked at.</summary>
    protected abstract void OnRegained();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                if (!_lost)
                {
                    _lost = true;
                    OnLost(e.GetBaseException().Message);
                }
            }

            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Follows the changes until the connection breaks.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"listen {channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await LookAsync(connection, cancellationToken);
            if (_lost)
            {
                _lost = false;
                OnRegained();
            }

            await connection.WaitAsync(interval, cancellationToken);
        }
    }
}
