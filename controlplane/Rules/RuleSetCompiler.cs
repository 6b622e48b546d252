using GatewayOps.Rules.Compiling;
using GatewayOps.Rules.Matching;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>
/// Merges the revisions that are active on one gateway. Rules pool; a setting, a route, a policy, a custom provider, `providers`, `fallback` and `quota` come from the rule set of the
/// largest priority that gives them.
/// The order of <c>active</c> does not matter: the same revisions always compile to the same result.
/// </summary>
public static class RuleSetCompiler
{
    /// <summary>
    /// Errors: `rules_tie` across files, `conflict` where two files of equal priority give the same thing, and `route_providers` where a route is to be made from providers that nobody
    /// gives, or that have no model. Each names its rule sets; its pointer is into the document of the last that it names.
    /// </summary>
    public static Compilation Compile(string gateway, IReadOnlyList<Revision> active) => Compile(gateway, active, isWhole: true);

    /// <summary>As <see cref="Compile(string, IReadOnlyList{Revision})"/> for one document by itself: what another rule set may still give is no error, and its place says so.</summary>
    public static Compilation CompileAlone(string gateway, Revision draft) => Compile(gateway, [draft], isWhole: false);

    private static Compilation Compile(string gateway, IReadOnlyList<Revision> active, bool isWhole)
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
        var dynamicRoutes = DynamicRoutes.Of(merge, mayWait: !isWhole, errors);
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
                DynamicRoutes = dynamicRoutes,
                Policies = merge.Policies,
                CustomProviders = merge.CustomProviders,
                Quota = merge.Quota,
                Enforcements = [.. revisions.SelectMany(revision => EnforcementTable.Of(revision, merge))],
            },
            []);
    }

    private static string Label(Contender<PooledRule> contender) => $"{contender.Source.Label} of {contender.Source.Revision} ({contender.Matches})";
}
