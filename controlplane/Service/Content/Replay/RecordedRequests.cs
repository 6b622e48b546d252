using System.Runtime.CompilerServices;
using Npgsql;

namespace GatewayOps.ControlPlane.Content.Replay;

/// <summary>Reads what request_records hold of requests, newest first, one at a time.</summary>
public sealed class RecordedRequests(NpgsqlDataSource database)
{
    public async IAsyncEnumerable<RecordedRequest> ReadAsync(
        IEnumerable<string> gateways, DateTimeOffset since, DateTimeOffset until, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select request_id, at, method, path, gateway, virtual_key, asked_model, asked_provider from request_records
            where at >= $1 and at < $2 and gateway = any($3) order by at desc, id desc limit $4
            """);
        command.Parameters.Add(new() { Value = since.UtcDateTime });
        command.Parameters.Add(new() { Value = until.UtcDateTime });
        command.Parameters.Add(new() { Value = gateways.ToArray() });
        command.Parameters.Add(new() { Value = limit });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            yield return new RecordedRequest(rows.GetString(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), Text(5), Text(6), Text(7));
        }

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
    }
}
