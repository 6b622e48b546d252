namespace GatewayOps.Rules.Linting;

/// <summary>One practice, and where a document departs from it.</summary>
internal sealed record LintRule(string Code, LintSeverity Severity, Func<RuleSet, IEnumerable<LintPlace>> Find);

internal sealed record LintPlace(string Pointer, string Message);
