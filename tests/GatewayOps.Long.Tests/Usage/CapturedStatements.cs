using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace GatewayOps.Long.Tests.Usage;

/// <summary>One round trip to the database: its statements with their values, as the product sent them.</summary>
internal sealed record CapturedBatch(IReadOnlyList<(string Text, IReadOnlyList<NpgsqlParameter> Parameters)> Statements);

/// <summary>A data source that keeps what is sent by it.</summary>
internal sealed class CapturedStatements : IDisposable
{
    private readonly ConcurrentQueue<CapturedBatch> _sent = new();
    private readonly ActivityListener _listener;

    public CapturedStatements(string connectionString)
    {
        // What is enriched is told by the driver itself, of EF Core's commands and of those that are written by hand.
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandEnrichmentCallback((_, command) => _sent.Enqueue(new CapturedBatch([(command.CommandText, Copy(command.Parameters))])))
            .ConfigureBatchEnrichmentCallback((_, batch) => _sent.Enqueue(new CapturedBatch([.. ((IList<NpgsqlBatchCommand>)batch.BatchCommands).Select(command => (command.CommandText, Copy(command.Parameters)))]))));
        DataSource = builder.Build();
        _listener = new ActivityListener { ShouldListenTo = source => source.Name == "Npgsql", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(_listener);
    }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>What was sent since the last time.</summary>
    public IReadOnlyList<CapturedBatch> Take()
    {
        var taken = new List<CapturedBatch>();
        while (_sent.TryDequeue(out var batch))
        {
            taken.Add(batch);
        }

        return taken;
    }

    public void Dispose()
    {
        _listener.Dispose();
        DataSource.Dispose();
    }

    private static IReadOnlyList<NpgsqlParameter> Copy(NpgsqlParameterCollection parameters) => [.. parameters.Select(parameter => parameter.Clone())];
}
