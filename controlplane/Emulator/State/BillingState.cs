namespace GatewayOps.Emulator.State;

public sealed record PaymentCard(string Brand, string Last4);

/// <summary>Buy credits by itself: `Amount` cents whenever the balance falls below `Threshold` cents.</summary>
public sealed record AutoTopup(long Amount, long Threshold);

/// <summary>A purchase of credits. It is paid from `PaidFrom` on; null = never, because nobody paid.</summary>
public sealed record Topup(string Id, long Amount, bool Automatic, DateTimeOffset CreatedAt, DateTimeOffset? PaidFrom)
{
    /// <summary>Cents on the invoice: Unified Billing takes 5 % of what is bought (contract section 8).</summary>
    public long Price => (Amount * 105 + 99) / 100;
}

/// <summary>
/// Credits of Unified Billing (contract section 8). Calls lower the balance, slightly below zero when they end that began above; paid purchases raise it.
/// Safe for concurrent use; every method is one atomic step.
/// </summary>
public sealed class BillingState(EmulatorOptions options, EmulatorClock clock)
{
    /// <summary>Purchases that are kept; the oldest paid ones become part of the balance alone.</summary>
    private const int MaxTopups = 1000;

    private readonly Lock _lock = new();
    private readonly List<Topup> _topups = [];
    private decimal _settled = options.Credits * 100;
    private PaymentCard? _card = new("visa", "4242");
    private AutoTopup? _auto;

    /// <summary>Cents.</summary>
    public decimal Balance
    {
        get
        {
            lock (_lock)
                return BalanceAt(clock.GetUtcNow());
        }
    }

    /// <summary>The same in USD. Not above zero: Unified Billing refuses requests with 402 (contract section 13).</summary>
    public decimal Usd
    {
        get => Balance / 100;
        set
        {
            lock (_lock)
                _settled += value * 100 - BalanceAt(clock.GetUtcNow());
        }
    }

    /// <summary>The default payment method.</summary>
    public PaymentCard? Card
    {
        get
        {
            lock (_lock)
                return _card;
        }
        set
        {
            lock (_lock)
                _card = value;
        }
    }

    public AutoTopup? AutoTopup
    {
        get
        {
            lock (_lock)
                return _auto;
        }
        set
        {
            lock (_lock)
                _auto = value;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Topup> Topups
    {
        get
        {
            lock (_lock)
                return [.. _topups.AsEnumerable().Reverse()];
        }
    }

    /// <summary>Cents of the balance that no purchase of <see cref="Topups"/> holds.</summary>
    public decimal Settled
    {
        get
        {
            lock (_lock)
                return _settled;
        }
    }

    /// <summary>Puts back what a snapshot says; `topups` oldest first.</summary>
    public void Restore(decimal settled, IEnumerable<Topup> topups)
    {
        lock (_lock)
        {
            _settled = settled;
            _topups.Clear();
            _topups.AddRange(topups);
        }
    }

    public bool IsPaid(Topup topup) => topup.PaidFrom <= clock.GetUtcNow();

    /// <summary>Takes what a request cost, in USD, and buys credits when that is configured and the balance has become too low.</summary>
    public void Charge(decimal dollars)
    {
        lock (_lock)
        {
            _settled -= dollars * 100;
            var now = clock.GetUtcNow();
            if (_auto is { } auto && _card is not null && BalanceAt(now) < auto.Threshold && !_topups.Exists(topup => topup.Automatic && topup.PaidFrom > now))
                Buy(auto.Amount, automatic: true, paid: true);
        }
    }

    /// <summary>Buys credits with a payment method; without any the purchase waits for one.</summary>
    public Topup Buy(long amount, string? paymentMethod)
    {
        lock (_lock)
            return Buy(amount, automatic: false, paid: paymentMethod is not null || _card is not null);
    }

    private Topup Buy(long amount, bool automatic, bool paid)
    {
        var now = clock.GetUtcNow();
        var topup = new Topup($"pi_{Identifier.NewHex()}", amount, automatic, now, paid ? now + options.PaymentDelay : null);
        _topups.Add(topup);
        if (_topups.Count > MaxTopups)
        {
            if (_topups[0].PaidFrom <= now)
                _settled += _topups[0].Amount;
            _topups.RemoveAt(0);
        }
        return topup;
    }

    private decimal BalanceAt(DateTimeOffset now) => _settled + _topups.Where(topup => topup.PaidFrom <= now).Sum(topup => topup.Amount);
}
