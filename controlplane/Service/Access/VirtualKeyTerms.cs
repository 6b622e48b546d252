using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// What a virtual key may use, as the API takes and shows it; what is absent has no bound. `Models`, `Gateways`: patterns with `*`, 1 to 100 of each. `Tenant`: shares caches and the rate
/// limits of rules; the key's name when absent. `RequestsPerMinute`, `TokensPerMinute`: 1 to 1000000000. `BudgetUsd`: above 0, up to 1000000, in each `BudgetWindow`: `day` (when absent),
/// `month`, or 60 to 31622400 seconds as text.
/// </summary>
public sealed record VirtualKeyTerms(
    IReadOnlyList<string>? Models = null, IReadOnlyList<string>? Gateways = null, string? Tenant = null,
    long? RequestsPerMinute = null, long? TokensPerMinute = null, decimal? BudgetUsd = null, string? BudgetWindow = null)
{
    private const int MostPatterns = 100, LongestModel = 256, LongestGateway = 64;
    private const long MostPerMinute = 1_000_000_000, MostUsd = 1_000_000;

    public static VirtualKeyTerms Of(VirtualKeyRow row) =>
        new(row.Models, row.Gateways, row.Tenant, row.RequestsPerMinute, row.TokensPerMinute, row.BudgetUsd, row.BudgetWindow);

    /// <summary>Every fault.</summary>
    public IEnumerable<RuleSetError> Check()
    {
        foreach (var (name, patterns, longest) in new[] { ("models", Models, LongestModel), ("gateways", Gateways, LongestGateway) })
        {
            if (patterns is { Count: 0 or > MostPatterns })
            {
                yield return Fault(name, $"{name} must have 1 to {MostPatterns} patterns; leave it out for all.");
            }

            for (var i = 0; i < Math.Min(patterns?.Count ?? 0, MostPatterns); i++)
            {
                if (patterns![i] is not { Length: > 0 } pattern || pattern.Length > longest || !pattern.All(c => c is > ' ' and <= '~'))
                {
                    yield return Fault($"{name}/{i}", $"A pattern must be 1 to {longest} visible ASCII characters, with * for any.");
                }
            }
        }

        if (Tenant is not null && !TokenName.IsValid(Tenant))
        {
            yield return Fault("tenant", $"tenant must be {TokenName.Rule}.");
        }

        foreach (var (name, limit) in new[] { ("requestsPerMinute", RequestsPerMinute), ("tokensPerMinute", TokensPerMinute) })
        {
            if (limit is < 1 or > MostPerMinute)
            {
                yield return Fault(name, $"{name} must be 1 to {MostPerMinute}; leave it out for no limit.");
            }
        }

        if (BudgetUsd is <= 0 or > MostUsd)
        {
            yield return Fault("budgetUsd", $"budgetUsd must be above 0, up to {MostUsd}; leave it out for no budget.");
        }

        if (BudgetWindow is not null && (BudgetUsd is null || KeyWindow.Parse(BudgetWindow) is null))
        {
            yield return Fault("budgetWindow", BudgetUsd is null
                ? "budgetWindow needs budgetUsd."
                : $"budgetWindow must be `day`, `month`, or {KeyWindow.ShortestSeconds} to {KeyWindow.LongestSeconds} seconds as text.");
        }
    }

    private static RuleSetError Fault(string pointer, string message) => new("invalid_value", $"/key/{pointer}", message);
}
