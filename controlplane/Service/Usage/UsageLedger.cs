namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// What has been used on this UTC day, per gateway and per provider of it, in memory and exact for the requests of this replica: what they settled, what those under way hold, and what the
/// database told of the other replicas and of the time before a restart.
/// <para>
/// Own requests are in the database, too. Those known to be written before a reading of it are taken off when the reading is taken over; one that was written during the reading counts twice
/// until the next.
/// </para>
/// </summary>
public sealed class UsageLedger(TimeProvider time)
{
    // By less, a clock that is set back over midnight leaves the day as it is: what was used is not forgotten. By more, it was wrong before.
    private static readonly TimeSpan SetBack = TimeSpan.FromHours(1);

    /// <summary>
    /// Accounts that are kept for gateways without a quota, in case they get one. Callers name gateways, and there is no end to names: beyond it, such a gateway is known by what is read of the
    /// database when it gets its quota.
    /// </summary>
    public const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Gateway, string? Provider), Account> _accounts = [];
    private DateOnly _day;

    /// <summary>Takes room for a request where both bounds leave it, in one step; otherwise says which bound is in the way. What is taken is held until <see cref="Settle"/> or <see cref="Release"/>.</summary>
    public (UsageHold? Hold, ExhaustedBound? Exhausted) TryHold(string gateway, UsageBounds ofGateway, string provider, UsageBounds ofProvider, UsageAmounts estimate)
    {
        lock (_lock)
        {
            var (whole, part) = (AccountOf(gateway, null), AccountOf(gateway, provider));
            if (Exhausted(whole, ofGateway, part, ofProvider, provider, estimate) is { } exhausted)
            {
                return (null, exhausted);
            }

            whole.Held += estimate;
            part.Held += estimate;
            return (new UsageHold(whole, part, estimate), null);
        }
    }

    /// <summary>The bound that would be in the way of <see cref="TryHold"/> now, or null; takes nothing.</summary>
    public ExhaustedBound? Foresee(string gateway, UsageBounds ofGateway, string provider, UsageBounds ofProvider, UsageAmounts estimate)
    {
        lock (_lock)
        {
            return Exhausted(AccountOf(gateway, null), ofGateway, AccountOf(gateway, provider), ofProvider, provider, estimate);
        }
    }

    public void Release(UsageHold hold)
    {
        lock (_lock)
        {
            Free(hold);
        }
    }

    /// <summary>Puts what a finished request used in the place of what it held. Before the record goes to the writer.</summary>
    public void Settle(UsageRecord record, UsageHold? hold)
    {
        var used = UsageAmounts.Of(record);
        lock (_lock)
        {
            if ((IsOfToday(record) || IsBeforeToday(record)) && HasRoom(record))
            {
                AccountOf(record.Gateway, null).Settled += used;
                AccountOf(record.Gateway, record.Provider).Settled += used;
            }

            if (hold is not null)
            {
                Free(hold);
            }
        }
    }

    /// <summary>These records are in the database for everybody to see.</summary>
    public void Written(IReadOnlyList<UsageRecord> records)
    {
        lock (_lock)
        {
            foreach (var record in records)
            {
                if (IsOfToday(record) && HasRoom(record))
                {
                    var used = UsageAmounts.Of(record);
                    AccountOf(record.Gateway, null).Written += used;
                    AccountOf(record.Gateway, record.Provider).Written += used;
                }
            }
        }
    }

    /// <summary>Before the database is read: the day to read, and what of our own a reading from now on will hold of these gateways.</summary>
    public ReadingMark Mark(params IReadOnlyCollection<string> gateways)
    {
        lock (_lock)
        {
            Turn();
            return new ReadingMark(_day, gateways, _accounts.Where(entry => gateways.Contains(entry.Key.Gateway)).ToDictionary(entry => entry.Key, entry => entry.Value.Written));
        }
    }

    /// <summary>Takes over what <see cref="DayUsage"/> read after the mark was made. A reading of a day that has ended changes nothing.</summary>
    public void TakeOver(ReadingMark mark, IReadOnlyDictionary<(string Gateway, string Provider), UsageAmounts> read)
    {
        lock (_lock)
        {
            Turn();
            if (mark.Day != _day)
            {
                return;
            }

            foreach (var (key, account) in _accounts)
            {
                account.Recorded = mark.Gateways.Contains(key.Gateway) ? default(UsageAmounts) - mark.Written.GetValueOrDefault(key) : account.Recorded;
            }

            foreach (var ((gateway, provider), amounts) in read)
            {
                AccountOf(gateway, provider).Recorded += amounts;
                AccountOf(gateway, null).Recorded += amounts;
            }
        }
    }

    private static ExhaustedBound? Exhausted(Account whole, UsageBounds ofGateway, Account part, UsageBounds ofProvider, string provider, UsageAmounts estimate) =>
        ofGateway.ExceededBy(whole.Total + estimate) is { } bound ? new ExhaustedBound(bound.Kind, bound.Bound, Provider: null)
        : ofProvider.ExceededBy(part.Total + estimate) is { } own ? new ExhaustedBound(own.Kind, own.Bound, provider)
        : null;

    // What was refused before an attempt used nothing, and its gateway need not be one.
    private bool IsOfToday(UsageRecord record)
    {
        Turn();
        return record.Attempts > 0 && DayOf(record.At) == _day;
    }

    private bool HasRoom(UsageRecord record) => _accounts.Count < Most || _accounts.ContainsKey((record.Gateway, record.Provider));

    // While the clock is set back over midnight: no reading of the day will hold it.
    private bool IsBeforeToday(UsageRecord record) => record.Attempts > 0 && DayOf(time.GetUtcNow()) < _day;

    private Account AccountOf(string gateway, string? provider)
    {
        Turn();
        if (!_accounts.TryGetValue((gateway, provider), out var account))
        {
            _accounts.Add((gateway, provider), account = new Account());
        }

        return account;
    }

    // A hold of yesterday frees an account of yesterday.
    private void Turn()
    {
        var now = time.GetUtcNow();
        var today = DayOf(now);
        if (today > _day || now.UtcDateTime < _day.ToDateTime(TimeOnly.MinValue) - SetBack)
        {
            _day = today;
            _accounts.Clear();
        }
    }

    private static void Free(UsageHold hold)
    {
        hold.Gateway.Held -= hold.Amounts;
        hold.Provider.Held -= hold.Amounts;
        hold.Amounts = default;
    }

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    internal sealed class Account
    {
        public UsageAmounts Held { get; set; }
        public UsageAmounts Settled { get; set; }
        public UsageAmounts Written { get; set; }

        /// <summary>As last read, less our own that the reading held.</summary>
        public UsageAmounts Recorded { get; set; }

        public UsageAmounts Total => Recorded + Settled + Held;
    }
}

/// <summary>What one request may use, until it is known what it used.</summary>
public sealed class UsageHold
{
    internal UsageHold(UsageLedger.Account gateway, UsageLedger.Account provider, UsageAmounts amounts) => (Gateway, Provider, Amounts) = (gateway, provider, amounts);

    internal UsageLedger.Account Gateway { get; }

    internal UsageLedger.Account Provider { get; }

    internal UsageAmounts Amounts { get; set; }
}

/// <summary>A bound that leaves no room: `requests`, `tokens` or `usd` of a provider, or of the whole gateway when it is null.</summary>
public sealed record ExhaustedBound(string Kind, decimal Bound, string? Provider);

/// <summary>When the database was read and of which gateways, and what of our own had been written before.</summary>
public sealed record ReadingMark(DateOnly Day, IReadOnlyCollection<string> Gateways, IReadOnlyDictionary<(string Gateway, string? Provider), UsageAmounts> Written);
