using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Keeps <see cref="OperatorTokens"/> at what is stored: read once before the service accepts requests, at once when a replica issues, rotates or revokes one, and every
/// two seconds besides, for a notification that was missed. Without a database the known tokens stay in service.
/// </summary>
public sealed partial class IssuedTokens(
    NpgsqlDataSource source, IDbContextFactory<GatewayOpsDb> databases, OperatorTokens tokens, TimeProvider time, ILogger<IssuedTokens> log) : BackgroundService
{
    /// <summary>PostgreSQL notifies this channel when a change of a token commits.</summary>
    public const string Channel = "gatewayops_tokens";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _reading = new(1);
    private bool _lost;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads what is stored now. One at a time: an older reading never replaces a newer one.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            tokens.Replace(await db.OperatorTokens.AsNoTracking().ToListAsync(cancellationToken));
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

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
            catch (Exception e) when (IsOutage(e))
            {
                if (!_lost)
                {
                    _lost = true;
                    Lost(e.GetBaseException().Message);
                }
            }

            await Task.Delay(PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Follows the changes until the connection breaks.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await ReadAsync(cancellationToken);
            if (_lost)
            {
                _lost = false;
                Regained();
            }

            await connection.WaitAsync(PollInterval, cancellationToken);
        }
    }

    private static bool IsOutage(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException
        || (exception.InnerException is { } inner && IsOutage(inner));

    [LoggerMessage(4010, LogLevel.Warning, "The database does not answer ({Reason}); operator tokens stay as they are known, and a revocation elsewhere is not seen until it does")]
    private partial void Lost(string reason);

    [LoggerMessage(4011, LogLevel.Information, "The database answers again; operator tokens are current")]
    private partial void Regained();
}
