namespace GatewayOps.Rules;

/// <summary>The compiled rule set of a gateway, or every reason why the active revisions do not go together.</summary>
public sealed record Compilation(CompiledRuleSet? RuleSet, IReadOnlyList<RuleSetError> Errors)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(RuleSet))]
    public bool IsValid => RuleSet is not null;
}
