using System.Text.Json.Nodes;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Compiling;

/// <summary>Which of the active documents gives each thing that only one can give.</summary>
internal sealed class Merge
{
    private const string SettingsPrefix = "/settings/";

    private readonly Dictionary<string, Revision> _giverOf = [];

    private Merge()
    {
    }

    public IReadOnlyList<ProviderEntry> Providers { get; private set; } = [];

    public Fallback? Fallback { get; private set; }

    public IReadOnlyDictionary<string, JsonNode?> Settings { get; private set; } = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);

    /// <summary>The rule set whose word counts at this pointer: `/providers`, `/fallback` or `/settings/{field}`.</summary>
    public RevisionId GiverOf(string pointer) => _giverOf[pointer].Id;

    public static Merge Of(IReadOnlyList<Revision> revisions, ErrorList errors)
    {
        var merge = new Merge();
        var given = revisions.SelectMany(revision => Given(revision.Document).Select(pointer => (Pointer: pointer, Revision: revision)));
        foreach (var subject in given.GroupBy(entry => entry.Pointer, entry => entry.Revision).OrderBy(subject => subject.Key, StringComparer.Ordinal))
            merge._giverOf[subject.Key] = Decide(subject.Key, [.. subject], errors);

        if (merge._giverOf.TryGetValue("/providers", out var providers))
            merge.Providers = [.. providers.Document.Providers.OrderBy(provider => provider.Priority)];
        if (merge._giverOf.TryGetValue("/fallback", out var fallback))
            merge.Fallback = fallback.Document.Fallback;
        merge.Settings = new SortedDictionary<string, JsonNode?>(
            merge._giverOf.Where(entry => entry.Key.StartsWith(SettingsPrefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[SettingsPrefix.Length..], entry => entry.Value.Document.Settings[entry.Key[SettingsPrefix.Length..]]),
            StringComparer.Ordinal);
        return merge;
    }

    private static IEnumerable<string> Given(RuleSet document)
    {
        if (document.Providers.Count > 0)
            yield return "/providers";
        if (document.Fallback is not null)
            yield return "/fallback";
        foreach (var field in document.Settings.Keys)
            yield return SettingsPrefix + field;
    }

    private static Revision Decide(string pointer, IReadOnlyList<Revision> givers, ErrorList errors)
    {
        var highest = givers.Max(giver => giver.Document.Priority);
        var winners = givers.Where(giver => giver.Document.Priority == highest).ToList();
        foreach (var rival in winners.Skip(1))
        {
            errors.Add(
                RuleSetErrorCodes.Conflict,
                new JsonPointer(pointer),
                $"{winners[0].Id} and {rival.Id} both give {pointer[1..].Replace('/', '.')} with priority {highest}. Remove it from one, or give one rule set a larger \"priority\": the larger wins.");
        }

        return winners[0];
    }
}
