using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Access;

/// <summary>A token of a caller of the proxy, as it is in force: who it is, what it may use, and how much of it. What is null has no bound.</summary>
public sealed record VirtualKey(Guid Id, string Name, string Tenant)
{
    public KeyScope Scope { get; init; } = KeyScope.Everything;

    /// <summary>In the minutes of UTC.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>In and out, in the minutes of UTC.</summary>
    public long? TokensPerMinute { get; init; }

    public KeyBudget? Budget { get; init; }

    internal static VirtualKey Of(VirtualKeyRow row) => new(row.Id, row.Name, row.Tenant)
    {
        Scope = new KeyScope(row.Models, row.Gateways),
        RequestsPerMinute = row.RequestsPerMinute,
        TokensPerMinute = row.TokensPerMinute,
        Budget = row.BudgetUsd is { } usd ? new KeyBudget(usd, KeyWindow.Parse(row.BudgetWindow ?? "")!.Value) : null,
    };
}

/// <summary>US dollars in each window.</summary>
public sealed record KeyBudget(decimal Usd, KeyWindow Window);
