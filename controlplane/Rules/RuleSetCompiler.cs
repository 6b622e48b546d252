using GatewayOps.Rules.Compiling;
using GatewayOps.Rules.Matching;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>
/// Merges the revisions that are active on one gateway. Rules pool; a setting, `providers` and `fallback` come from the rule set of the largest priority that gives them.
/// The order of <c>active</c> does not matter: the same revisions always compile to the same result.
/// </summary>
public static class RuleSetCompiler
{
    /// <summary>
    /// Errors: `rules_tie` across files and `conflict` where two files of equal priority give the same thing. Each names both rule sets; its pointer is into the document of the second
    /// by name.
    /// </summary>
    public static Compilation Compile(string gateway, IReadOnlyList<Revision> active)
    {
        var revisions = active.OrderBy(revision => revision.Id.RuleSet, StringComparer.Ordinal).ThenBy(revision => revision.Id.Number).ToList();
        var errors = new ErrorList();
        var merge = Merge.Of(revisions, errors);
        var contenders = revisions.SelectMany(PooledRule.Of).Select(rule => new Contender<PooledRule>(MatchSet.Of(rule.Rule), rule)).ToList();
        var ties = Ties.Among(contenders);
        foreach (var (first, second) in ties.Pairs)
            errors.Add(RuleSetErrorCodes.RulesTie, new JsonPointer(second.Source.Pointer), Ties.Message(Label(second), Label(first)));
        if (!ties.IsWhole)
            errors.Add(RuleSetErrorCodes.TooManyOverlaps, new JsonPointer("/rules"), Ties.GivenUp(contenders.Count));
        if (!errors.IsEmpty)
            return new Compilation(null, errors.ToList());

        var routes = new RouteBuilder(merge);
        return new Compilation(
            new CompiledRuleSet
            {
                Gateway = gateway,
                Revisions = [.. revisions.Select(revision => revision.Id)],
                Routes = new RouteTable(routes.Default, contenders.Select(contender => routes.Entry(contender.Matches, contender.Source))),
                Settings = merge.Settings,
                Enforcements = [.. revisions.SelectMany(revision => EnforcementTable.Of(revision, merge))],
            },
            []);
    }

    private static string Label(Contender<PooledRule> contender) => $"{contender.Source.Label} of {contender.Source.Revision} ({contender.Matches})";
}
