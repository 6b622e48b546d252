using GatewayOps.Rules.Linting;

namespace GatewayOps.Rules;

public enum LintSeverity
{
    /// <summary>Worth knowing; may well be meant.</summary>
    Info,

    /// <summary>Most likely not meant, or a risk.</summary>
    Warning,
}

/// <summary>One thing about a valid document that its author may not have meant. <paramref name="Message"/> says what, why and what to write.</summary>
public sealed record LintFinding(string Code, LintSeverity Severity, string Pointer, string Message);

/// <summary>
/// Best practices, held against one document. Pure: it knows nothing of the gateways and of other rule sets, so that what a document leaves to others is worth an info at most.
/// Source: checklist S3-26.
/// </summary>
public static class RuleSetLint
{
    /// <summary>Every code that <see cref="Of"/> may give, with its severity.</summary>
    public static IReadOnlyDictionary<string, LintSeverity> Codes { get; } = LintRules.All.ToDictionary(rule => rule.Code, rule => rule.Severity);

    /// <summary>Warnings first, each kind in the order of the document. Empty: nothing to say.</summary>
    public static IReadOnlyList<LintFinding> Of(RuleSet document) =>
        [.. from rule in LintRules.All
            orderby rule.Severity descending
            from place in rule.Find(document)
            select new LintFinding(rule.Code, rule.Severity, place.Pointer, place.Message)];
}
