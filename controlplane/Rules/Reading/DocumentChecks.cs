using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules.Reading;

/// <summary>What no single value can be blamed for: relations between parts of one document.</summary>
internal interface IDocumentCheck
{
    void Check(Draft draft, ErrorList errors);
}

/// <summary>A rule is known by its name in plans, logs and response headers.</summary>
internal sealed class UniqueRuleNamesCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        var first = new Dictionary<string, JsonPointer>();
        foreach (var (at, rule) in draft.Rules)
        {
            if (rule.Name is { } name && !first.TryAdd(name, at))
                errors.Add(RuleSetErrorCodes.DuplicateName, at.Then("name"), $"The rule at {first[name]} is called {Quote.Text(name)} too. Rename one of them.");
        }
    }
}

/// <summary>A provider may be listed twice only for two models: otherwise the second entry would repeat the first.</summary>
internal sealed class UniqueProvidersCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        var first = new Dictionary<(string, string?), JsonPointer>();
        foreach (var (at, provider) in draft.Providers)
        {
            if (!first.TryAdd((provider.Name, provider.Model), at))
            {
                var earlier = first[(provider.Name, provider.Model)];
                errors.Add(RuleSetErrorCodes.DuplicateName, at.Then("name"), $"The provider \"{provider.Name}\" is listed at {earlier} already. Remove one, or give each its own \"model\".");
            }
        }
    }
}

/// <summary>The order of attempts is decided by priority alone, never by the order of the list.</summary>
internal sealed class UniquePrioritiesCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        var first = new Dictionary<int, Located<ProviderEntry>>();
        foreach (var provider in draft.Providers)
        {
            if (!first.TryAdd(provider.Value.Priority, provider))
            {
                var earlier = first[provider.Value.Priority];
                errors.Add(
                    RuleSetErrorCodes.DuplicatePriority,
                    provider.At.Then("priority"),
                    $"\"{provider.Value.Name}\" and \"{earlier.Value.Name}\" ({earlier.At}) both have priority {provider.Value.Priority}, so their order is undecided. Lower is tried first: give each its own.");
            }
        }
    }
}

/// <summary>Exactly one rule may match a request: see <see cref="MatchSet"/> for what makes one more specific.</summary>
internal sealed class TieCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        // A rule whose conditions are faulty would look wider than it is meant.
        var contenders = draft.Rules.Where(rule => errors.IsSound(rule.At.Then("match"))).Select(rule => new Contender<Located<Rule>>(MatchSet.Of(rule.Value), rule)).ToList();
        var ties = Ties.Among(contenders);
        foreach (var (first, second) in ties.Pairs)
            errors.Add(RuleSetErrorCodes.RulesTie, second.Source.At, Ties.Message(Label(second), Label(first)));
        if (!ties.IsWhole)
            errors.Add(RuleSetErrorCodes.TooManyOverlaps, JsonPointer.Root.Then("rules"), Ties.GivenUp(contenders.Count));
    }

    private static string Label(Contender<Located<Rule>> contender) => $"{contender.Source.Value.Name ?? contender.Source.At.Text} ({contender.Matches})";
}
