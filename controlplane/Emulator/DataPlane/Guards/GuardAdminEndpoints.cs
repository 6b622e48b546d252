using System.Text.RegularExpressions;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>What the guards look for, their faults, and the credits: /_emulator/guards. Ours, not Cloudflare's.</summary>
public static class GuardAdminEndpoints
{
    /// <summary>Ours: patterns of one category, and entries of one profile.</summary>
    private const int MostPatterns = 100;

    /// <param name="admin">The group at /_emulator.</param>
    public static void MapGuards(this RouteGroupBuilder admin)
    {
        admin.MapGet("/guards", Show).WithSummary("What guardrails, DLP and policies go by");
        admin.MapDelete("/guards", Restore).WithSummary("As at the start");
        admin.MapPut("/guards/guardrails", SetGuardrailsAsync).WithSummary("What guardrails find");
        admin.MapPut("/guards/dlp", SetDlpAsync).WithSummary("What DLP profiles find");
        admin.MapPut("/guards/policies", SetPoliciesAsync).WithSummary("Break the policy engine");
        admin.MapPut("/guards/credits", SetCreditsAsync).WithSummary("Credits of Unified Billing");
    }

    private static IResult Show(ContentScanner scanner, PolicyGuard policies, EmulatorState state, EmulatorOptions options)
    {
        var rules = scanner.Rules;
        return AdminJson.Answer(new
        {
            guardrails = new { rules.Down, patterns = rules.Hazards.ToDictionary(category => category.Key, category => category.Value.Select(pattern => pattern.ToString())) },
            dlp = new { profiles = rules.Profiles.ToDictionary(profile => profile.Key, profile => profile.Value.ToDictionary(entry => entry.Key, entry => entry.Value.ToString())) },
            policies = new { down = policies.IsDown },
            credits = new { state.FindAccount(options.AccountId)!.Billing.Usd },
        });
    }

    private static IResult Restore(ContentScanner scanner, PolicyGuard policies)
    {
        scanner.Restore();
        policies.IsDown = false;
        return Results.NoContent();
    }

    private static async Task<IResult> SetGuardrailsAsync(HttpRequest request, ContentScanner scanner, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<GuardrailWish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        var hazards = scanner.Rules.Hazards.ToDictionary();
        foreach (var (category, texts) in wish.Patterns ?? [])
        {
            if (!ContentScanner.Categories.Contains(category))
                return AdminJson.Refuse($"patterns: '{category}' is none of {string.Join(", ", ContentScanner.Categories)}.");
            if (Compile(texts) is not { } patterns)
                return AdminJson.Refuse($"patterns.{category}: at most {MostPatterns} regular expressions without look-around and back references.");
            hazards[category] = patterns;
        }
        scanner.Rules = scanner.Rules with { Hazards = hazards, Down = wish.Down ?? scanner.Rules.Down };
        return Results.NoContent();
    }

    private static async Task<IResult> SetDlpAsync(HttpRequest request, ContentScanner scanner, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<DlpWish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        var profiles = new Dictionary<string, IReadOnlyDictionary<string, Regex>>();
        foreach (var (profile, entries) in wish.Profiles)
        {
            if (Compile([.. entries.Values]) is not { } patterns)
                return AdminJson.Refuse($"profiles.{profile}: at most {MostPatterns} regular expressions without look-around and back references.");
            profiles[profile] = entries.Keys.Zip(patterns).ToDictionary(entry => entry.First, entry => entry.Second);
        }
        scanner.Rules = scanner.Rules with { Profiles = profiles };
        return Results.NoContent();
    }

    private static async Task<IResult> SetPoliciesAsync(HttpRequest request, PolicyGuard policies, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<PolicyWish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        policies.IsDown = wish.Down;
        return Results.NoContent();
    }

    private static async Task<IResult> SetCreditsAsync(HttpRequest request, EmulatorState state, EmulatorOptions options, CancellationToken cancellationToken)
    {
        var (wish, refusal) = await AdminJson.ReadAsync<CreditWish>(request, cancellationToken);
        if (wish is null)
            return refusal!;
        if (wish.Usd is < -1_000_000 or > 1_000_000_000)
            return AdminJson.Refuse("usd: -1000000 to 1000000000.");
        state.FindAccount(options.AccountId)!.Billing.Usd = wish.Usd;
        return Results.NoContent();
    }

    /// <summary>Null when one of them is no pattern, or when there are too many.</summary>
    private static IReadOnlyList<Regex>? Compile(IReadOnlyList<string> texts)
    {
        Regex[] patterns = [.. texts.OfType<string>().Select(ContentScanner.Pattern).OfType<Regex>()];
        return patterns.Length == texts.Count && texts.Count <= MostPatterns ? patterns : null;
    }

    private sealed record GuardrailWish
    {
        public Dictionary<string, List<string>>? Patterns { get; init; }
        public bool? Down { get; init; }
    }

    private sealed record DlpWish
    {
        public required Dictionary<string, Dictionary<string, string>> Profiles { get; init; }
    }

    private sealed record PolicyWish
    {
        public required bool Down { get; init; }
    }

    private sealed record CreditWish
    {
        public required decimal Usd { get; init; }
    }
}
