namespace GatewayOps.Emulator.Upstreams.Cohere;

/// <summary>Errors of the Cohere API: `{"id","message"}`.</summary>
public sealed class CohereErrors : ErrorDialect
{
    public static readonly CohereErrors Instance = new();

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request) => WireJson.Bytes(refusal.Kind switch
    {
        RefusalKind.KeyMissing => "no api key supplied",
        RefusalKind.KeyRefused => "invalid api token",
        RefusalKind.ModelUnknown => $"model '{refusal.Message}' not found, make sure the correct model ID was used and that you have access to the model.",
        RefusalKind.PathUnknown => "page not found",
        RefusalKind.ContextExceeded => $"too many tokens: total number of tokens in the prompt cannot exceed {refusal.Tokens.Window} - received {refusal.Tokens.Prompt}. Try using a shorter prompt.",
        _ => refusal.Message,
    }, static (json, message) =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Simulation.Fingerprint.Uuid(Simulation.Fingerprint.Of(message)));
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    });
}
