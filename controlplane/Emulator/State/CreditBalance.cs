namespace GatewayOps.Emulator.State;

/// <summary>The credits that Unified Billing draws on (contract 8): USD, and slightly below zero when calls end that began above. Safe for concurrent use.</summary>
public sealed class CreditBalance(decimal usd)
{
    private readonly Lock _lock = new();
    private decimal _usd = usd;

    public decimal Usd
    {
        get
        {
            lock (_lock)
                return _usd;
        }
        set
        {
            lock (_lock)
                _usd = value;
        }
    }

    public void Charge(decimal cost)
    {
        lock (_lock)
            _usd -= cost;
    }
}
