using System.Text.Json;
using GatewayOps.Emulator.DataPlane.Credentials;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>One call to a provider as the guards see it, and what they found out about it for its log row.</summary>
public sealed class GuardedCall(ProviderCall call, Credential credential)
{
    private IReadOnlyDictionary<string, string>? _metadata;

    public ProviderCall Call => call;

    public Credential Credential => credential;

    public GatewayState Gateway => call.Gateway;

    /// <summary>One view of the gateway's settings for the whole call.</summary>
    public GatewaySettings Settings { get; } = call.Gateway.Settings;

    /// <summary>What the provider is asked for: in one piece where the answer may not be streamed (response guardrails).</summary>
    public CallTarget Asked => call.Target.Streamed && GuardrailGuard.EnforcesResponse(this) ? TextGeneration.Whole(call.Target) : call.Target;

    /// <summary>Grows while the call goes on; the log row that is written last has them all.</summary>
    public GuardFindings Findings { get; } = new();

    /// <summary>Buckets of policies that pay for this call.</summary>
    public IReadOnlyList<(string Bucket, BudgetPeriod Period)> Budgets { get; set; } = [];

    /// <summary>Rules that this call counts for, with the partition that it falls in.</summary>
    public IReadOnlyList<(SpendRule Rule, string Value)> Rules { get; set; } = [];

    /// <summary>`cf-aig-metadata`, and the caller under its reserved key; numbers and flags as they are written.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata ??= ReadMetadata();

    private Dictionary<string, string> ReadMetadata()
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        if (call.Directives.Metadata is { } text)
            foreach (var entry in JsonSerializer.Deserialize<JsonElement>(text).EnumerateObject())
                read[entry.Name] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.GetRawText();
        if (call.Arrival.Identity.UserId is { } user)
            read["cf.user_id"] = user;
        return read;
    }
}

/// <summary>What the guards say at one point of a call.</summary>
/// <param name="Refusal">The answer in the place of the provider's; null lets the call go on.</param>
/// <param name="Headers">To be added to whatever is answered.</param>
public sealed record GuardVerdict(GatewayError? Refusal, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public static readonly GuardVerdict Pass = new(Refusal: null, []);
}
