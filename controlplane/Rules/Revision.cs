namespace GatewayOps.Rules;

/// <summary>Identity of an immutable revision; prints as `name@number`.</summary>
public readonly record struct RevisionId(string RuleSet, int Number)
{
    public override string ToString() => $"{RuleSet}@{Number}";
}

/// <summary>A stored revision together with its parsed document. Never edited: a rollback is a new activation of an old revision.</summary>
public sealed record Revision(RevisionId Id, string Hash, RuleSet Document);
