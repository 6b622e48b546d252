using System.Text.RegularExpressions;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>
/// Stands in for the classifiers behind guardrails and for the DLP engine: regular expressions, which the admin API can replace. Each hazard category is
/// found in its documented trigger, `unsafe-S1` for S1; a DLP profile that nobody described finds e-mail addresses, payment card numbers and US SSNs.
/// </summary>
public sealed class ContentScanner
{
    public static readonly string[] Categories = ["P1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13"];

    private static readonly ScannerRules Defaults = new(
        Categories.ToDictionary(category => category, category => (IReadOnlyList<Regex>)[.. Triggers(category).Select(trigger => Pattern(trigger)!)]),
        new Dictionary<string, IReadOnlyDictionary<string, Regex>>(),
        Down: false);

    private static readonly IReadOnlyDictionary<string, Regex> EveryProfile = new Dictionary<string, Regex>
    {
        ["email"] = Pattern(@"\b[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,}\b")!,
        [CardEntry] = Pattern(@"\b\d(?:[ -]?\d){12,18}\b")!,
        ["us_ssn"] = Pattern(@"\b\d{3}-\d{2}-\d{4}\b")!,
    };

    private const string CardEntry = "credit_card";

    private volatile ScannerRules _rules = Defaults;

    public ContentScanner(EmulatorState state) => state.WasReset += Restore;

    public ScannerRules Rules
    {
        get => _rules;
        set => _rules = value;
    }

    public bool IsDown => _rules.Down;

    public void Restore() => _rules = Defaults;

    /// <summary>The categories among these that the text falls into, in their order.</summary>
    public IReadOnlyList<string> Hazards(string text, IEnumerable<string> categories)
    {
        var rules = _rules;
        return [.. Categories.Intersect(categories).Where(category => rules.Hazards.GetValueOrDefault(category, []).Any(pattern => pattern.IsMatch(text)))];
    }

    /// <summary>The entries of a DLP profile that the text matches.</summary>
    public IReadOnlyList<string> Entries(string text, string profile) =>
        _rules.Profiles.TryGetValue(profile, out var described)
            ? [.. described.Where(entry => entry.Value.IsMatch(text)).Select(entry => entry.Key)]
            : [.. EveryProfile.Where(entry => entry.Key == CardEntry ? entry.Value.Matches(text).Any(IsCard) : entry.Value.IsMatch(text)).Select(entry => entry.Key)];

    /// <summary>Null for a text that is no pattern. Patterns take time linear in the text: no look-around, no back references.</summary>
    public static Regex? Pattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Triggers(string category) => category == "P1" ? [@"\bunsafe-P1\b", @"\bignore (all )?previous instructions\b"] : [$@"\bunsafe-{category}\b"];

    /// <summary>Luhn's sum, as real card numbers keep it.</summary>
    private static bool IsCard(Match match)
    {
        var sum = 0;
        var twice = false;
        foreach (var digit in match.Value.Where(char.IsAsciiDigit).Reverse().Select(sign => sign - '0'))
        {
            sum += twice ? digit * 2 % 10 + digit / 5 : digit;
            twice = !twice;
        }
        return sum % 10 == 0;
    }
}

/// <summary>What the scanner goes by.</summary>
/// <param name="Hazards">Category to its patterns.</param>
/// <param name="Profiles">DLP profile to its entries; a profile that is not here has the default ones.</param>
/// <param name="Down">The scanner of the guardrails does not answer.</param>
public sealed record ScannerRules(
    IReadOnlyDictionary<string, IReadOnlyList<Regex>> Hazards, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Regex>> Profiles, bool Down);
