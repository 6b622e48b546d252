using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>Errors of Google's APIs: `{"error":{"code","message","status","details"}}` (google.rpc.Status).</summary>
public sealed class GeminiErrors : ErrorDialect
{
    public static readonly GeminiErrors Instance = new();

    protected override int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.KeyMissing => 403,
        RefusalKind.KeyRefused => 400,
        _ => base.StatusOf(kind),
    };

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request)
    {
        var message = refusal.Kind switch
        {
            RefusalKind.KeyMissing =>
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
            RefusalKind.KeyRefused => "API key not valid. Please pass a valid API key.",
            RefusalKind.ModelUnknown =>
                $"models/{refusal.Message} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.",
            RefusalKind.PathUnknown => $"The requested URL /{request?.Path} was not found on this server.",
            RefusalKind.ContextExceeded => $"The input token count ({refusal.Tokens.Prompt}) exceeds the maximum number of tokens allowed ({refusal.Tokens.Window}).",
            RefusalKind.RateLimited => "Resource has been exhausted (e.g. check quota).",
            RefusalKind.Overloaded => "The model is overloaded. Please try again later.",
            _ => refusal.Message,
        };
        return WireJson.Bytes((status, message, refusal), static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, error.status);
            json.WriteString("message"u8, error.message);
            json.WriteString("status"u8, NameOf(error.status));
            if (error.refusal.Kind == RefusalKind.KeyRefused)
                WriteKeyDetail(json);
            else if (error.refusal.Kind == RefusalKind.BadRequest && error.refusal.Param is { } field)
                WriteFieldDetail(json, field, error.message);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void WriteKeyDetail(Utf8JsonWriter json)
    {
        json.WriteStartArray("details"u8);
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
        json.WriteString("reason"u8, "API_KEY_INVALID"u8);
        json.WriteString("domain"u8, "googleapis.com"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteString("service"u8, "generativelanguage.googleapis.com"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteFieldDetail(Utf8JsonWriter json, string field, string message)
    {
        json.WriteStartArray("details"u8);
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.BadRequest"u8);
        json.WriteStartArray("fieldViolations"u8);
        json.WriteStartObject();
        json.WriteString("field"u8, field);
        json.WriteString("description"u8, message);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static ReadOnlySpan<byte> NameOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED"u8,
        403 => "PERMISSION_DENIED"u8,
        404 => "NOT_FOUND"u8,
        429 => "RESOURCE_EXHAUSTED"u8,
        503 => "UNAVAILABLE"u8,
        504 => "DEADLINE_EXCEEDED"u8,
        >= 500 => "INTERNAL"u8,
        _ => "INVALID_ARGUMENT"u8,
    };
}
