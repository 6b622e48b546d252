using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>
/// Keeps <see cref="LoadedRuleSets"/> at the active revisions. Loads once before the service accepts requests, then listens for activations; every second
/// it also compares the newest activation's id, which catches whatever a notification missed and notices a dead connection. Without a database
/// the loaded rule sets stay in service.
/// </summary>
public sealed partial class RuleSetLoader(
    NpgsqlDataSource source,
    IDbContextFactory<GatewayOpsDb> databases,
    Activations activations,
    LoadedRuleSets loaded,
    LoadedMetrics metrics,
    TimeProvider time,
    ILogger<RuleSetLoader> log) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private long _loadedActivation = -1;
    private bool _lost;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
        {
            await LoadIfNewAsync(connection, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
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

    /// <summary>Follows the activations until the connection breaks.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"listen {Activations.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await LoadIfNewAsync(connection, cancellationToken);
            if (_lost)
            {
                _lost = false;
                Regained();
            }

            await connection.WaitAsync(PollInterval, cancellationToken);
        }
    }

    private async Task LoadIfNewAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Activations commit in the order of their ids, see Activations.ActivateAsync.
        await using var newest = new NpgsqlCommand("select coalesce(max(id), 0) from activations", connection) { CommandTimeout = 5 };
        var id = (long)(await newest.ExecuteScalarAsync(cancellationToken))!;
        if (id != _loadedActivation)
        {
            await LoadAsync(cancellationToken);
            _loadedActivation = id;
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var compiled = new List<CompiledRuleSet>();
        var failures = new Dictionary<string, string>();
        foreach (var active in (await activations.AllAsync(db, cancellationToken)).GroupBy(a => a.Gateway, a => a.Revision))
        {
            var (ruleSet, failure) = Compile(active.Key, [.. active]);
            compiled.Add(ruleSet ?? loaded.For(active.Key));
            if (failure is not null)
            {
                failures[active.Key] = failure;
                NotCompiled(active.Key, failure, loaded.For(active.Key).Label);
            }
        }

        loaded.Replace(compiled, failures);
        metrics.Count(compiled.Count - failures.Count, failures.Count);
        foreach (var ruleSet in compiled.Where(set => !failures.ContainsKey(set.Gateway)))
        {
            Loaded(ruleSet.Gateway, ruleSet.Label);
        }
    }

    private static (CompiledRuleSet? RuleSet, string? Failure) Compile(string gateway, IReadOnlyList<RevisionRow> active)
    {
        try
        {
            var compilation = RuleSetCompiler.Compile(gateway, [.. active.Select(StoredRevision.Read)]);
            return compilation.Errors.Count == 0
                ? (compilation.RuleSet, null)
                : (null, string.Join("; ", compilation.Errors.Take(3).Select(error => $"{error.Pointer} {error.Message}")));
        }
        catch (UnreadableRevisionException unreadable)
        {
            return (null, unreadable.Message);
        }
    }

    private static bool IsOutage(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException
        || (exception.InnerException is { } inner && IsOutage(inner));

    [LoggerMessage(1500, LogLevel.Information, "Gateway {Gateway} is served by {Revisions}")]
    private partial void Loaded(string gateway, string revisions);

    [LoggerMessage(1501, LogLevel.Error, "The active rule sets of gateway {Gateway} cannot be compiled: {Failure}. It stays at {Revisions}")]
    private partial void NotCompiled(string gateway, string failure, string revisions);

    [LoggerMessage(1502, LogLevel.Warning, "The database does not answer ({Reason}); the loaded rule sets stay in service until it does")]
    private partial void Lost(string reason);

    [LoggerMessage(1503, LogLevel.Information, "The database answers again")]
    private partial void Regained();
}
