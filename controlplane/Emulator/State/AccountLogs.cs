namespace GatewayOps.Emulator.State;

/// <summary>What the logs of an account's gateways share: ids in one order, texts, and one bound for all of them.</summary>
public sealed class AccountLogs(EmulatorOptions options, EmulatorClock clock)
{
    public UlidSource Ids { get; } = new(clock);

    public TextPool Texts { get; } = new();

    public LogBudget Budget { get; } = new(options);

    public LogStore NewStore() => new(this, options, clock);
}
