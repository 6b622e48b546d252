namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// One reading of one source of one gateway, a page at a time, so that many gateways take turns. A head goes from the newest row that is known to the end. A sweep reads what was young when it
/// was read once more after <see cref="IngestionOptions.Overlap"/>, for rows that came late. Where the overlap holds few rows the head begins before it, and there is nothing to sweep; and a head
/// that is further behind than the overlap reads rows that are old enough. So a row costs one reading or two, however often is polled.
/// </summary>
/// <param name="through">The newest row that is known, null before the first.</param>
/// <param name="swept">Rows up to here were read when they were old enough.</param>
/// <param name="isAnchored">The row at <paramref name="through"/> was there.</param>
public sealed class LogFeed(LogPoller poller, IPolledSource source, LogRange range, DateTimeOffset? through, DateTimeOffset? swept, bool isAnchored, bool isSweep) : ILogTurn
{
    // Head and sweep meet where nothing between them was left unread.
    private readonly bool _isContiguous = !isSweep && (swept is null || swept >= range.From);
    private readonly DateTimeOffset? _anchor = isAnchored && !isSweep ? through : null;
    private LogRange _range = range;
    private DateTimeOffset? _through = through;
    private DateTimeOffset? _swept = swept;
    private bool _isAnchorSought = isAnchored && !isSweep;

    public string Gateway { get; } = range.Gateway;

    public string Source => source.Name;

    public bool IsSweep => isSweep;

    /// <summary>Rows that were read, new or not.</summary>
    public int Rows { get; private set; }

    /// <summary>Reads one page and stores it. False when there is no more to read.</summary>
    /// <exception cref="Cloudflare.CloudflareException">Cloudflare could not be read; what was read before is kept, and the cursor with it.</exception>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var page = await source.ReadAsync(_range, cancellationToken);
        var hasGap = await FindsGapAsync(page, cancellationToken);
        Rows += page.Rows.Count;
        var stored = await poller.StoreAsync(page.Rows, isSweep ? new FeedMove(Gateway, Source) { Known = _through, Swept = page.Through } : Head(page, hasGap), cancellationToken);
        poller.Told(this, page);
        if (page.Rest is null || stored.IsRewound)
        {
            return false;
        }

        _range = page.Rest;
        return true;
    }

    private FeedMove Head(AttemptPage page, bool hasGap)
    {
        var (now, known) = (poller.Now, _through);
        if (page.Through is { } told)
        {
            _through = _through > told ? _through : told;
            if (_isContiguous && (told < now - poller.Settings.Overlap ? told : now - poller.Settings.Overlap) is var settled && !(_swept > settled))
            {
                _swept = settled;
            }
        }

        return new FeedMove(Gateway, Source)
        {
            Known = known,
            Through = _through,
            Swept = _swept,
            // A cursor that is no row's time has no row to be missed.
            Anchored = page.Through is not null ? page.Rows.Count > 0 && page.Rows.Max(row => row.CreatedAt) >= _through : hasGap ? false : null,
            PolledAt = page.Rest is null ? now : null,
            Backlog = page.Rest is null ? 0 : page.Backlog,
        };
    }

    // The row at the cursor was there when it was read. Gone now, the source has deleted up to it at least, and who knows what behind it.
    private async Task<bool> FindsGapAsync(AttemptPage page, CancellationToken cancellationToken)
    {
        if (!_isAnchorSought || _anchor is not { } anchor)
        {
            return false;
        }

        var isHere = page.Rows.Any(row => row.CreatedAt <= anchor);
        // Of a window that is told newest first, the anchor may be on a later page.
        if (!isHere && page.Through is null && page.Rest is not null)
        {
            return false;
        }

        _isAnchorSought = false;
        if (isHere)
        {
            return false;
        }

        await poller.FoundGapAsync(Gateway, Source, anchor, page.Rows.Count == 0 ? poller.Now : page.Rows.Min(row => row.CreatedAt), cancellationToken);
        return true;
    }
}
