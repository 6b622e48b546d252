using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Fetches the bodies of rows that came from the logs API, where they are asked for: two calls for each row, newest first, in turns with everything else that is read.</summary>
public sealed class LogBodies(CloudflareClient cloudflare, IDbContextFactory<GatewayOpsDb> databases, IOptions<IngestionOptions> options, TimeProvider time)
{
    /// <summary>Rows of one poll: what is left waits for the next.</summary>
    public const int MostAtOnce = 50;

    // Older rows are left as they are: who asks for bodies today does not ask for last month's.
    private static readonly TimeSpan Span = TimeSpan.FromDays(1);

    private readonly BodyRedaction _redaction = new(options.Value.RedactionRules(), options.Value.MaxBodyCharacters);

    /// <summary>Null where no bodies are asked for, or none are missing.</summary>
    public async Task<ILogTurn?> OpenAsync(string gateway, CancellationToken cancellationToken)
    {
        if (!options.Value.BodiesOf(gateway))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var since = (time.GetUtcNow() - Span).ToUniversalTime();
        var rows = await db.GatewayLogs.AsNoTracking()
            .Where(row => row.Gateway == gateway && row.Source == LogSources.Logs && row.CreatedAt > since)
            .Where(row => !db.GatewayLogBodies.Any(body => body.Gateway == row.Gateway && body.Id == row.Id && body.CreatedAt == row.CreatedAt))
            .OrderByDescending(row => row.CreatedAt).Take(MostAtOnce).ToListAsync(cancellationToken);
        return rows.Count == 0 ? null : new Turn(this, gateway, new Queue<GatewayLogRow>(rows));
    }

    private async Task StoreAsync(GatewayLogRow row, byte[]? request, byte[]? response, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ((asked, isAskedCut), (answered, isAnsweredCut)) = (_redaction.Apply(request), _redaction.Apply(response));
        // A row without bodies is one all the same: it is not asked for again.
        await db.Database.ExecuteSqlAsync(
            $"insert into gateway_log_bodies (gateway, id, created_at, request, response, cut) values ({row.Gateway}, {row.Id}, {row.CreatedAt}, {asked}, {answered}, {isAskedCut || isAnsweredCut}) on conflict do nothing",
            cancellationToken);
    }

    private sealed class Turn(LogBodies bodies, string gateway, Queue<GatewayLogRow> rows) : ILogTurn
    {
        private byte[]? _request;
        private bool _isAsked;

        public string Gateway => gateway;

        public string Source => LogSources.Logs;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            var row = rows.Peek();
            if (!_isAsked)
            {
                (_request, _isAsked) = (await bodies.Client.Logs.RequestBodyAsync(gateway, row.Id, cancellationToken), true);
                return true;
            }

            await bodies.StoreAsync(row, _request, await bodies.Client.Logs.ResponseBodyAsync(gateway, row.Id, cancellationToken), cancellationToken);
            (_request, _isAsked) = (null, false);
            rows.Dequeue();
            return rows.Count > 0;
        }
    }

    private CloudflareClient Client => cloudflare;
}
