using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>Guardrails (contract 2.1, 13, 14): prompts before the provider, answers of text generation behind it.</summary>
public sealed class GuardrailGuard(ContentScanner scanner, EmulatorOptions options)
{
    public const int PromptBlocked = 2016;
    public const int ResponseBlocked = 2017;

    public GatewayError? CheckPrompt(GuardedCall call)
    {
        var categories = call.Settings.Guardrails.Prompt;
        if (categories.Count == 0)
            return null;
        return Check(call, inPrompt: true, categories, call.Call.Target.Body.Bytes.Span) switch
        {
            Finding.Unavailable => Unavailable,
            Finding.Blocked => Blocked(call, PromptBlocked, "Prompt blocked due to security configurations"),
            _ => null,
        };
    }

    /// <summary>Whether the answer is looked at: the answers of other models than those of text generation are not.</summary>
    public static bool ChecksResponse(GuardedCall call) => call.Settings.Guardrails.Response.Count > 0 && TextGeneration.Is(call.Call.Target);

    /// <summary>The REST surface passes a stream on as it comes: what is found there goes to the log and nowhere else.</summary>
    public static bool EnforcesResponse(GuardedCall call) => ChecksResponse(call) && !(call.Call.Arrival.Surface == CallSurface.Rest && call.Call.Target.Streamed);

    public GatewayError? CheckResponse(GuardedCall call, ReadOnlySpan<byte> body) => Check(call, inPrompt: false, call.Settings.Guardrails.Response, body) switch
    {
        Finding.Unavailable => Unavailable,
        Finding.Blocked => Blocked(call, ResponseBlocked, "Response blocked due to security configurations"),
        _ => null,
    };

    private static GatewayError Unavailable { get; } = new(503, 7013, "Guardrails scanner is unavailable");

    private Finding Check(GuardedCall call, bool inPrompt, IReadOnlyDictionary<string, GuardAction> categories, ReadOnlySpan<byte> body)
    {
        if (scanner.IsDown)
        {
            call.Findings.AddUnavailable();
            return categories.Values.Contains(GuardAction.Block) ? Finding.Unavailable : Finding.None;
        }
        var found = scanner.Hazards(ContentText.Of(body), categories.Keys).Select(category => (Category: category, Action: categories[category])).ToArray();
        call.Findings.AddScan(inPrompt, found);
        return found.Any(hazard => hazard.Action == GuardAction.Block) ? Finding.Blocked : Finding.None;
    }

    private GatewayError Blocked(GuardedCall call, int code, string message) =>
        new(call.Call.Arrival.Surface == CallSurface.Rest ? options.Assumptions.RestGuardrailStatus : 424, code, message);

    private enum Finding
    {
        None,
        Blocked,
        Unavailable,
    }
}
