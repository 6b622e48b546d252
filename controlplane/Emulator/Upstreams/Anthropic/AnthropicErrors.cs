using System.Globalization;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>Errors of the Anthropic API: `{"type":"error","error":{"type","message"},"request_id"}`.</summary>
public sealed class AnthropicErrors : ErrorDialect
{
    public static readonly AnthropicErrors Instance = new();

    private const int Overloaded = 529;

    protected override int StatusOf(RefusalKind kind) => kind == RefusalKind.Overloaded ? Overloaded : base.StatusOf(kind);

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request)
    {
        var message = refusal.Kind switch
        {
            RefusalKind.KeyMissing => "x-api-key header is required",
            RefusalKind.KeyRefused => "invalid x-api-key",
            RefusalKind.ModelUnknown => $"model: {refusal.Message}",
            RefusalKind.PathUnknown => "Not Found",
            RefusalKind.ContextExceeded => string.Create(CultureInfo.InvariantCulture, $"prompt is too long: {refusal.Tokens.Prompt} tokens > {refusal.Tokens.Window} maximum"),
            _ => refusal.Message,
        };
        return WireJson.Bytes((type: TypeOf(status), message), static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, error.type);
            json.WriteString("message"u8, error.message);
            json.WriteEndObject();
            json.WriteNull("request_id"u8);
            json.WriteEndObject();
        });
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 or Overloaded => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
