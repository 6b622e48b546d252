using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>The totals by hour and day beside request_records, as far as the database does not keep them by itself.</summary>
public sealed class RollupStore(NpgsqlDataSource database)
{
    /// <summary>The days whose records are from before there were totals and are not counted yet, newest first.</summary>
    public async Task<IReadOnlyList<DateOnly>> BacklogAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select day from usage_backlog order by day desc");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<DateOnly>();
        while (await rows.ReadAsync(cancellationToken))
        {
            days.Add(rows.GetFieldValue<DateOnly>(0));
        }

        return days;
    }

    /// <summary>Counts a day of the backlog, once. Writers into that day wait meanwhile, for seconds with 300,000 records; requests never do.</summary>
    public async Task CountAsync(DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select usage_roll_up_day($1)");
        command.CommandTimeout = 600;
        command.Parameters.Add(new() { Value = day, NpgsqlDbType = NpgsqlDbType.Date });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Drops totals from before the days that are kept.</summary>
    public async Task DropAsync(DateTime firstHour, DateTime firstDay, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from usage_rollups where (grain = 'hour' and bucket < $1) or (grain = 'day' and bucket < $2)");
        command.Parameters.Add(new() { Value = firstHour });
        command.Parameters.Add(new() { Value = firstDay });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
