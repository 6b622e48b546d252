using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Which log entries are asked for; null is all. Session and key are in the proxy's own records alone: entries are found by the request id that both have.</summary>
public sealed record LogFilter
{
    /// <summary>How far back entries are looked for where a filter but the gateway's is given and no beginning: what matches seldom would be looked for in all that is kept.</summary>
    public static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);

    // The entry and the record of one request are made by two clocks.
    private static readonly TimeSpan Clocks = TimeSpan.FromHours(1);

    public string? Gateway { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public StatusRange? Status { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public string? RequestId { get; init; }
    public string? Session { get; init; }
    public string? Key { get; init; }

    public bool IsSelective => (Provider ?? Model ?? RequestId ?? Session ?? Key) is not null || Status is not null;

    public IQueryable<GatewayLogRow> Of(GatewayOpsDb db, IQueryable<GatewayLogRow> rows)
    {
        // Only what is asked for is part of the statement: each condition that is there helps the planner.
        rows = Gateway is { } gateway ? rows.Where(row => row.Gateway == gateway) : rows;
        rows = Provider is { } provider ? rows.Where(row => row.Provider == provider) : rows;
        rows = Model is { } model ? rows.Where(row => row.Model == model) : rows;
        rows = Status is { From: var first, To: var last } ? rows.Where(row => row.StatusCode >= first && row.StatusCode <= last) : rows;
        rows = Since is { } since ? rows.Where(row => row.CreatedAt >= since) : rows;
        rows = Until is { } until ? rows.Where(row => row.CreatedAt < until) : rows;
        rows = RequestId is { } request ? rows.Where(row => row.RequestId == request) : rows;
        return Session is null && Key is null ? rows : OfRecords(db, rows);
    }

    private IQueryable<GatewayLogRow> OfRecords(GatewayOpsDb db, IQueryable<GatewayLogRow> rows)
    {
        IQueryable<RequestRecordRow> records = db.RequestRecords;
        records = Session is { } session ? records.Where(record => record.SessionId == session) : records;
        records = Key is { } key ? records.Where(record => record.VirtualKey == key) : records;
        records = Since - Clocks is { } since ? records.Where(record => record.At >= since) : records;
        records = Until + Clocks is { } until ? records.Where(record => record.At < until) : records;
        return rows.Where(row => records.Select(record => record.RequestId).Contains(row.RequestId));
    }
}
