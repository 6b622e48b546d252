using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Npgsql;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>
/// Keeps <see cref="LoadedRuleSets"/> at the active revisions. Loads once before the service accepts requests, then listens for activations; every second
/// it also compares the newest activation's id, which catches whatever a notification missed and notices a dead connection. Without a database
/// the loaded rule sets stay in service.
/// </summary>
public sealed partial class RuleSetLoader(
    NpgsqlDataSource source,
    LoadedRuleSets loaded,
    LoadedMetrics metrics,
    TimeProvider time,
    ILogger<RuleSetLoader> log) : DatabaseFollower(source, Activations.Channel, TimeSpan.FromSeconds(1), time)
{
    private long _loadedActivation = -1;

    protected override async Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Activations commit in the order of their ids, see Activations.ActivateAsync.
        await using var newest = new NpgsqlCommand("select coalesce(max(id), 0) from activations", connection) { CommandTimeout = 5 };
        var id = (long)(await newest.ExecuteScalarAsync(cancellationToken))!;
        if (id != _loadedActivation)
        {
            await LoadAsync(connection, cancellationToken);
            _loadedActivation = id;
        }
    }

    private async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var compiled = new List<CompiledRuleSet>();
        var failures = new Dictionary<string, string>();
        foreach (var active in (await Activations.AllAsync(connection, cancellationToken)).GroupBy(a => a.Gateway, a => a.Revision))
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

    [LoggerMessage(1500, LogLevel.Information, "Gateway {Gateway} is served by {Revisions}")]
    private partial void Loaded(string gateway, string revisions);

    [LoggerMessage(1501, LogLevel.Error, "The active rule sets of gateway {Gateway} cannot be compiled: {Failure}. It stays at {Revisions}")]
    private partial void NotCompiled(string gateway, string failure, string revisions);

    [LoggerMessage(1502, LogLevel.Warning, "The database does not answer ({Reason}); the loaded rule sets stay in service until it does")]
    protected override partial void OnLost(string reason);

    [LoggerMessage(1503, LogLevel.Information, "The database answers again")]
    protected override partial void OnRegained();
}
