using System.Text.Json.Nodes;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Compiling;

/// <summary>
/// Which of the active documents gives each thing that only one can give: a setting, a route, a policy, a custom provider (each by its name), `providers`, `fallback` and `quota`.
/// </summary>
internal sealed class Merge
{
    private readonly Dictionary<string, Revision> _giverOf;

    private Merge(Dictionary<string, Revision> giverOf)
    {
        _giverOf = giverOf;
        Providers = [.. Given(Subject.Providers, document => document.Providers).OrderBy(provider => provider.Priority)];
        Fallback = _giverOf.GetValueOrDefault(Subject.Fallback)?.Document.Fallback;
        Quota = _giverOf.GetValueOrDefault(Subject.Quota)?.Document.Quota;
        Settings = new SortedDictionary<string, JsonNode?>(
            Winners(document => document.Settings, setting => Subject.Setting(setting.Key)).ToDictionary(setting => setting.Value.Key, setting => setting.Value.Value), StringComparer.Ordinal);
        Routes = [.. Winners(document => document.Routes, Subject.Of).OrderBy(route => route.Value.Name, StringComparer.Ordinal)];
        Policies = [.. Winners(document => document.Policies, Subject.Of).Select(policy => policy.Value).OrderBy(policy => policy.Name, StringComparer.Ordinal)];
        CustomProviders = [.. Winners(document => document.CustomProviders, Subject.Of).Select(provider => provider.Value).OrderBy(provider => provider.Slug, StringComparer.Ordinal)];
    }

    /// <summary>In the order of attempts.</summary>
    public IReadOnlyList<ProviderEntry> Providers { get; }

    public Fallback? Fallback { get; }

    public Quota? Quota { get; }

    public IReadOnlyDictionary<string, JsonNode?> Settings { get; }

    /// <summary>By name, with the document that gives each.</summary>
    public IReadOnlyList<(Revision Source, DynamicRoute Value)> Routes { get; }

    public IReadOnlyList<AccessPolicy> Policies { get; }

    public IReadOnlyList<CustomProviderEntry> CustomProviders { get; }

    /// <summary>The rule set whose word counts for a subject (<see cref="Subject"/>); null when nobody gives it.</summary>
    public RevisionId? GiverOf(string subject) => _giverOf.GetValueOrDefault(subject)?.Id;

    public static Merge Of(IReadOnlyList<Revision> revisions, ErrorList errors)
    {
        var given = revisions.SelectMany(revision => Subject.GivenBy(revision.Document).Select(subject => (Subject: subject, Revision: revision)));
        return new Merge(given.GroupBy(entry => entry.Subject, entry => entry.Revision)
            .OrderBy(subject => subject.Key, StringComparer.Ordinal)
            .ToDictionary(subject => subject.Key, subject => Decide(subject.Key, [.. subject], errors)));
    }

    private IReadOnlyList<T> Given<T>(string subject, Func<RuleSet, IReadOnlyList<T>> of) => _giverOf.TryGetValue(subject, out var giver) ? of(giver.Document) : [];

    private IEnumerable<(Revision Source, T Value)> Winners<T>(Func<RuleSet, IEnumerable<T>> of, Func<T, string> subjectOf) =>
        from revision in _giverOf.Values.Distinct()
        from value in of(revision.Document)
        where _giverOf[subjectOf(value)] == revision
        select (revision, value);

    private static Revision Decide(string subject, IReadOnlyList<Revision> givers, ErrorList errors)
    {
        var highest = givers.Max(giver => giver.Document.Priority);
        var winners = givers.Where(giver => giver.Document.Priority == highest).ToList();
        foreach (var rival in winners.Skip(1))
        {
            errors.Add(
                RuleSetErrorCodes.Conflict,
                Subject.PlaceIn(rival.Document, subject),
                $"{winners[0].Id} and {rival.Id} both give {Subject.InWords(subject)} with priority {highest}. Remove it from one, or give one rule set a larger \"priority\": the larger wins.");
        }

        return winners[0];
    }
}
