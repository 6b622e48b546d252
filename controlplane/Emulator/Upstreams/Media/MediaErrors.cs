using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;

namespace GatewayOps.Emulator.Upstreams.Media;

/// <summary>Errors of the providers of images and sounds: each has a shape of its own and the words in common.</summary>
public sealed class MediaErrors(Action<Utf8JsonWriter, OpenAiError> write) : ErrorDialect
{
    /// <summary>`{"detail":{"status","message"}}`.</summary>
    public static readonly MediaErrors ElevenLabs = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteStartObject("detail"u8);
        json.WriteString("status"u8, error.Status == 401 ? "invalid_api_key"u8 : error.Status == 429 ? "too_many_concurrent_requests"u8 : "invalid_request"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>`{"err_code","err_msg"}`.</summary>
    public static readonly MediaErrors Deepgram = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("err_code"u8, error.Status switch { 401 => "INVALID_AUTH", 429 => "TOO_MANY_REQUESTS", >= 500 => "INTERNAL_SERVER_ERROR", _ => "Bad Request" });
        json.WriteString("err_msg"u8, error.Message);
        json.WriteEndObject();
    });

    /// <summary>Replicate: problem details.</summary>
    public static readonly MediaErrors Replicate = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("title"u8, error.Status switch { 401 => "Unauthenticated", 404 => "Not found", 429 => "Too many requests", _ => "Input validation failed" });
        json.WriteString("detail"u8, error.Message);
        json.WriteNumber("status"u8, error.Status);
        json.WriteEndObject();
    });

    /// <summary>fal and others made with FastAPI: `{"detail":…}`.</summary>
    public static readonly MediaErrors Detail = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("detail"u8, error.Message);
        json.WriteEndObject();
    });

    /// <summary>Adobe: `{"error_code","message"}`.</summary>
    public static readonly MediaErrors Coded = new(static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteString("error_code"u8, error.Status == 401 ? "401013"u8 : "validation_error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
    });

    protected override byte[] Body(int status, Refusal refusal, UpstreamRequest? request) => WireJson.Bytes(OpenAiError.Of(status, refusal, request), write);
}
