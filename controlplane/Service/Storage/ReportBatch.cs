using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Statements that sum many rows up, in one round trip and one transaction. To compile their expressions takes longer than to compute them, so they are not compiled.</summary>
public static class ReportBatch
{
    public static NpgsqlBatch Of(NpgsqlDataSource database, params IEnumerable<NpgsqlBatchCommand> statements)
    {
        var batch = database.CreateBatch();
        // Ends with the transaction, so that whoever uses the connection next has what is set.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('jit', 'off', true)"));
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(statement);
        }

        return batch;
    }

    /// <summary>At the result of the first statement.</summary>
    public static async Task<NpgsqlDataReader> ReadAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var rows = await batch.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        return rows;
    }
}
