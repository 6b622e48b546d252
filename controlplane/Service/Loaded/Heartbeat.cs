using System.Reflection;
using System.Text.Json;
using GatewayOps.ControlPlane.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>
/// Tells the other replicas, through the database, that this one lives and what it has loaded: within a second of a change, and every five seconds
/// without one. Removes the rows of those that fell silent. Off the request path; without a database nobody is told, and nothing else happens.
/// </summary>
public sealed partial class Heartbeat(NpgsqlDataSource source, ReplicaId self, LoadedRuleSets loaded, TimeProvider time, ILogger<Heartbeat> log) : BackgroundService
{
    /// <summary>Silence after which a replica counts as gone.</summary>
    internal static readonly TimeSpan Gone = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private static readonly string Build = typeof(Heartbeat).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private string? _told;
    private long _toldAt;
    private bool _lost;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Farewell);
        try
        {
            await using var command = source.CreateCommand("delete from replicas where id = $1");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = self.Value });
            await command.ExecuteNonQueryAsync(patience.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or ObjectDisposedException)
        {
            // The others remove the row when it has grown old.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        do
        {
            try
            {
                await TellAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                if (!_lost)
                {
                    _lost = true;
                    Untold(exception.GetBaseException().Message);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(loaded.All.OrderBy(set => set.Gateway, StringComparer.Ordinal).ToDictionary(set => set.Gateway, set => set.Label));
        if (text == _told && time.GetElapsedTime(_toldAt) < Beat)
        {
            return;
        }

        await using var command = source.CreateCommand("""
            with gone as (delete from replicas where seen_at < now() - $5 and id <> $1)
            insert into replicas (id, build, started_at, seen_at, loaded) values ($1, $2, $3, now(), $4)
            on conflict (id) do update set seen_at = now(), loaded = excluded.loaded
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = self.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Build });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = _startedAt });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Gone });
        await command.ExecuteNonQueryAsync(cancellationToken);
        (_told, _toldAt, _lost) = (text, time.GetTimestamp(), false);
    }

    [LoggerMessage(1510, LogLevel.Warning, "The other replicas are not told what this one serves until the database answers: {Reason}")]
    private partial void Untold(string reason);
}
