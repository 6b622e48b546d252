using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>
/// Errors of the OpenAI API, `{"error":{"message","type","param","code"}}`, and of the APIs that say the same in another shape.
/// </summary>
public sealed class OpenAiErrors(Action<Utf8JsonWriter, OpenAiError> write) : ErrorDialect
{
    public static readonly OpenAiErrors OpenAi = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteTextOrNull("param"u8, error.Param);
        json.WriteTextOrNull("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Azure: `code` first, and no type.</summary>
    public static readonly OpenAiErrors Azure = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, error.Status == 401 ? "401" : error.Code == "model_not_found" ? "DeploymentNotFound" : error.Code ?? error.Type);
        json.WriteString("message"u8, error.Message);
        json.WriteTextOrNull("param"u8, error.Param);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>xAI: a sentence for the kind, a sentence for the case.</summary>
    public static readonly OpenAiErrors Grok = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("code"u8, error.Status switch
        {
            401 or 403 => "The caller does not have permission to execute the specified operation",
            404 => "Some requested entity was not found",
            429 => "Some resource has been exhausted",
            >= 500 => "Internal error",
            _ => "Client specified an invalid argument",
        });
        json.WriteString("error"u8, error.Message);
        json.WriteEndObject();
    });

    /// <summary>Mistral, Cerebras: the members at the top.</summary>
    public static readonly OpenAiErrors Flat = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteTextOrNull("param"u8, error.Param);
        json.WriteTextOrNull("code"u8, error.Code);
        json.WriteEndObject();
    });

    /// <summary>OpenRouter, Perplexity: the status is the code.</summary>
    public static readonly OpenAiErrors Numbered = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteNumber("code"u8, error.Status);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>`{"error":"…"}`: Hugging Face and others that say no more.</summary>
    public static readonly OpenAiErrors Plain = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("error"u8, error.Message);
        json.WriteEndObject();
    });

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request) => WireJson.Bytes(OpenAiError.Of(status, refusal, request), write);
}
