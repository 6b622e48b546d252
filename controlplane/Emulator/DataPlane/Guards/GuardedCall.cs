using GatewayOps.Emulator.DataPlane.Credentials;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>One call to a provider as the guards see it, and what they found out about it for its log row.</summary>
public sealed class GuardedCall(ProviderCall call, Credential credential)
{
    public Caller Caller => call.Caller;

    public ProviderCall Call => call;

    public RequestDirectives Directives => call.Directives;

    public Credential Credential => credential;

    /// <summary>Grows while the call goes on; the log row that is written last has them all.</summary>
    public GuardFindings Findings { get; set; } = GuardFindings.None;
}

/// <summary>What guardrails and DLP say about a call in its log row (contract 3); each member is null where that guard was off.</summary>
/// <param name="Guardrails">The text of a JSON value.</param>
/// <param name="DlpAction">FLAG or BLOCK, where a profile matched.</param>
/// <param name="DlpProfiles">The text of a JSON array.</param>
public sealed record GuardFindings(string? Guardrails, string? DlpAction, string? DlpProfiles)
{
    public static readonly GuardFindings None = new(Guardrails: null, DlpAction: null, DlpProfiles: null);
}

/// <summary>What the guards say at one point of a call.</summary>
/// <param name="Refusal">The answer in the place of the provider's; null lets the call go on.</param>
/// <param name="Headers">To be added to whatever is answered.</param>
public sealed record GuardVerdict(GatewayError? Refusal, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public static readonly GuardVerdict Pass = new(Refusal: null, []);
}
