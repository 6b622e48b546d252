using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What all replicas together have recorded of one UTC day, of some gateways, by gateway and provider.</summary>
public sealed class DayUsage(NpgsqlDataSource database)
{
    public async Task<IReadOnlyDictionary<(string Gateway, string Provider), UsageAmounts>> ReadAsync(DateOnly day, IReadOnlyCollection<string> gateways, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select gateway, provider, count(*), coalesce(sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), 0)::bigint, coalesce(sum(cost_usd), 0)
            from request_records where at >= $1 and at < $2 and attempts > 0 and cache_status <> 'hit' and gateway = any ($3) group by 1, 2
            """);
        var start = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        command.Parameters.Add(new() { Value = start });
        command.Parameters.Add(new() { Value = start.AddDays(1) });
        command.Parameters.Add(new() { Value = gateways.ToArray() });
        var usage = new Dictionary<(string, string), UsageAmounts>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            usage[(rows.GetString(0), rows.GetString(1))] = new UsageAmounts(rows.GetInt64(2), rows.GetInt64(3), rows.GetDecimal(4));
        }

        return usage;
    }
}
