using System.Collections.Frozen;
using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>What happens to content that was found.</summary>
public enum GuardAction
{
    Flag,
    Block,
}

/// <summary>Hazard categories that guardrails look for, and what to do about each (contract 2.1); a category that is missing is ignored.</summary>
public sealed record GuardrailSettings(IReadOnlyDictionary<string, GuardAction> Prompt, IReadOnlyDictionary<string, GuardAction> Response)
{
    public static readonly GuardrailSettings Off = new(FrozenDictionary<string, GuardAction>.Empty, FrozenDictionary<string, GuardAction>.Empty);

    public bool IsOn => Prompt.Count + Response.Count > 0;

    /// <param name="fields">A gateway's, valid and settled.</param>
    public static GuardrailSettings Read(JsonElement fields) =>
        fields.TryGetProperty("guardrails", out var guardrails) && guardrails.ValueKind == JsonValueKind.Object
            ? new GuardrailSettings(Phase(guardrails.GetProperty("prompt")), Phase(guardrails.GetProperty("response")))
            : Off;

    private static FrozenDictionary<string, GuardAction> Phase(JsonElement phase) => phase.EnumerateObject()
        .ToFrozenDictionary(category => category.Name, category => DlpPolicy.ActionOf(category.Value));
}

/// <summary>One DLP policy of a gateway (contract 2.1).</summary>
/// <param name="Id">Null in the simple form, which has no policies.</param>
public sealed record DlpPolicy(string? Id, GuardAction Action, bool ChecksRequest, bool ChecksResponse, IReadOnlyList<string> Profiles)
{
    /// <summary>The policies that are on, of either form; the simple one checks both sides. `fields` are a gateway's, valid and settled.</summary>
    public static IReadOnlyList<DlpPolicy> ReadAll(JsonElement fields)
    {
        if (!fields.TryGetProperty("dlp", out var dlp) || dlp.ValueKind != JsonValueKind.Object || !On(dlp))
            return [];
        return dlp.TryGetProperty("policies", out var policies)
            ? [.. policies.EnumerateArray().Where(On).Select(policy => Read(policy, policy.GetProperty("check")))]
            : [Read(dlp, check: null)];
    }

    public static GuardAction ActionOf(JsonElement value) => value.ValueEquals("BLOCK") ? GuardAction.Block : GuardAction.Flag;

    private static DlpPolicy Read(JsonElement policy, JsonElement? check) => new(
        policy.TryGetProperty("id", out var id) && check is not null ? id.GetString() : null,
        ActionOf(policy.GetProperty("action")),
        check is not { } sides || sides.EnumerateArray().Any(side => side.ValueEquals("REQUEST")),
        check is not { } both || both.EnumerateArray().Any(side => side.ValueEquals("RESPONSE")),
        [.. policy.GetProperty("profiles").EnumerateArray().Select(profile => profile.GetString()!)]);

    private static bool On(JsonElement value) => value.GetProperty("enabled").ValueKind == JsonValueKind.True;
}
