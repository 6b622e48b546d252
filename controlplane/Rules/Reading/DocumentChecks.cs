using System.Text.Json;
using GatewayOps.Rules.Graphs;
using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules.Reading;

/// <summary>What no single value can be blamed for: relations between parts of one document.</summary>
internal interface IDocumentCheck
{
    void Check(Draft draft, ErrorList errors);
}

/// <summary>What is known by its name in plans, logs, answers and in Cloudflare.</summary>
internal sealed class UniqueNamesCheck<T>(string what, Func<Draft, IReadOnlyList<Located<T>>> of, Func<T, string?> nameOf, string member = "name") : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        var first = new Dictionary<string, JsonPointer>();
        foreach (var (at, value) in of(draft))
        {
            if (nameOf(value) is { } name && !first.TryAdd(name, at))
                errors.Add(RuleSetErrorCodes.DuplicateName, at.Then(member), $"The {what} at {first[name]} is called {Quote.Text(name)} too. Rename one of them.");
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

/// <summary>A provider has one quota, whatever it is called.</summary>
internal sealed class UniqueQuotasCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        if (draft.Root["quota"]?["providers"] is not { Value.ValueKind: JsonValueKind.Object } providers)
            return;
        var first = new Dictionary<string, string>();
        foreach (var name in providers.Value.EnumerateObject().Select(provider => provider.Name))
        {
            if (ProviderCatalogue.SlugOf(name) is { } slug && !first.TryAdd(slug, name))
                errors.Add(RuleSetErrorCodes.DuplicateName, providers.At.Then(name), $"{Quote.Text(name)} and {Quote.Text(first[slug])} are one provider. Keep one of them.");
        }
    }
}

/// <summary>A condition that nothing known could meet is a slip of the pen. Exact names are checked one by one (<see cref="Texts"/>); this is for those with `*`.</summary>
internal sealed class KnownConditionsCheck : IDocumentCheck
{
    private static readonly Glob Custom = new(ProviderCatalogue.CustomPrefix + "*");

    public void Check(Draft draft, ErrorList errors)
    {
        foreach (var (at, rule) in draft.Rules)
        {
            var match = at.Then("match");
            if (Starred(rule.Match?.Provider) is { } provider && !provider.Intersects(Custom) && !ProviderCatalogue.Slugs.Any(slug => provider.IsMatch(slug)))
                errors.Add(RuleSetErrorCodes.UnknownProvider, match.Then("provider"), Texts.UnknownProvider(rule.Match!.Provider!));
            if (Starred(rule.Match?.Method) is { } method && !Texts.Methods.Any(known => method.IsMatch(known)))
                errors.Add(RuleSetErrorCodes.InvalidValue, match.Then("method"), Texts.NoMethod(rule.Match!.Method!));
        }
    }

    private static Glob? Starred(string? glob) => glob is not null && new Glob(glob) is { IsExact: false } starred ? starred : null;
}

/// <summary>What Cloudflare would refuse at the first look: an expression that ends within brackets or quotes. It reads CEL itself; we do not.</summary>
internal sealed class ExpressionsCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        foreach (var (at, policy) in draft.Policies)
        {
            if (policy.Condition is { } condition && FaultOf(condition, "([{", ")]}", quotes: "'\"") is { } fault)
                errors.Add(RuleSetErrorCodes.InvalidExpression, at.Then("condition"), $"The condition {fault}.");
            if (FaultOf(policy.Actor, "{", "}", quotes: "") is { } open)
                errors.Add(RuleSetErrorCodes.InvalidExpression, at.Then("actor"), $"The actor {open}.");
        }
    }

    private static string? FaultOf(string text, string opening, string closing, string quotes)
    {
        var open = new Stack<(char Closing, int At)>();
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (quotes.Contains(c, StringComparison.Ordinal))
            {
                var start = at;
                for (at++; at < text.Length && text[at] != c; at++)
                {
                    if (text[at] == '\\')
                        at++;
                }

                if (at >= text.Length)
                    return $"has a quote at character {start + 1} that does not end: add {c}";
            }
            else if (opening.IndexOf(c, StringComparison.Ordinal) is var kind and >= 0)
            {
                open.Push((closing[kind], at));
            }
            else if (closing.Contains(c, StringComparison.Ordinal) && (!open.TryPop(out var last) || last.Closing != c))
            {
                return $"has a \"{c}\" at character {at + 1} that nothing opens: remove it, or open it before";
            }
        }

        return open.TryPop(out var left) ? $"has a \"{text[left.At]}\" at character {left.At + 1} that does not end: add \"{left.Closing}\"" : null;
    }
}

/// <summary>How the elements of each hand-written route hang together. See <see cref="RouteGraph"/>.</summary>
internal sealed class RouteGraphsCheck : IDocumentCheck
{
    public void Check(Draft draft, ErrorList errors)
    {
        foreach (var place in draft.Root["routes"] is { Value.ValueKind: JsonValueKind.Array } routes ? routes.Items : [])
        {
            if (place["elements"] is { Value.ValueKind: JsonValueKind.Array } elements && RouteGraph.Of(elements) is { } graph)
            {
                foreach (var (code, at, message) in graph.Faults())
                    errors.Add(code, at, message);
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
