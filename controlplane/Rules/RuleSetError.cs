namespace GatewayOps.Rules;

/// <summary>One fault in a rule set. <paramref name="Pointer"/> is an RFC 6901 JSON pointer into the document; <paramref name="Message"/> says what, why and the fix.</summary>
public sealed record RuleSetError(string Code, string Pointer, string Message);
