using System.Text.Json;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Rest;

/// <summary>Failures as the REST API shows them: the envelope, `errors` first, `result` empty (seen live; contract section 16 has codes and statuses).</summary>
public static class RestErrors
{
    private const int ModelMissing = 7003;

    public static AiFailure BadInput(HttpContext context, string description) =>
        AiFailure.BadInput(context.RequestServices.GetRequiredService<EmulatorOptions>().Assumptions.WorkersAiBadInputCode, description);

    /// <summary>404/7003 (contract section 13).</summary>
    public static AiFailure ModelNotFound(string model) => new(404, ModelMissing, "Model not found", $"Model not found: {model}");

    public static Task WriteAsync(HttpResponse response, AiFailure failure) =>
        WriteAsync(response, failure.Status, Envelope(failure.Code, $"AiError: {failure.Title}: {failure.Description} ({Identifier.NewUuid()})"));

    public static async Task WriteAsync(HttpResponse response, int status, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = UpstreamReply.JsonType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, response.HttpContext.RequestAborted);
    }

    /// <summary>A failure of Workers AI as the gateway shows it, in the envelope; any other body as it is.</summary>
    public static byte[] Enveloped(int status, byte[] body)
    {
        if (status < 400)
            return body;
        try
        {
            using var error = JsonDocument.Parse(body);
            return error.RootElement.ValueKind == JsonValueKind.Object && error.RootElement.TryGetProperty("name", out var name) && name.ValueEquals("AiError")
                ? Envelope(error.RootElement.GetProperty("internalCode").GetInt32(), error.RootElement.GetProperty("message").GetString()!)
                : body;
        }
        catch (JsonException)
        {
            return body; // a body on demand, say
        }
    }

    private static byte[] Envelope(int code, string message) => WireJson.Bytes((code, message), static (json, error) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("errors"u8);
        json.WriteStartObject();
        json.WriteString("message"u8, error.message);
        json.WriteNumber("code"u8, error.code);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("success"u8, false);
        json.WriteStartObject("result"u8);
        json.WriteEndObject();
        json.WriteStartArray("messages"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
