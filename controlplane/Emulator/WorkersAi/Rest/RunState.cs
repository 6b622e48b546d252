using System.Text.Json;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Rest;

/// <summary>The answer of `/ai/run` for a model of another provider (contract section 16): `{state: Completed|Failed, result, provider, model, error}`.</summary>
public static class RunState
{
    private const int Failed = 7003;

    /// <summary>The gateway's own refusals stay as they are.</summary>
    public static byte[] Of(ThirdParty party, CallAnswer answer) =>
        answer.Call is null || IsRefusal(answer.Whole) ? answer.Whole : WireJson.Bytes((party, answer), static (json, one) => Write(json, one.party, one.answer));

    private static void Write(Utf8JsonWriter json, ThirdParty party, CallAnswer answer)
    {
        json.WriteStartObject();
        json.WriteStartObject("result"u8);
        json.WriteString("state"u8, answer.IsSuccess ? "Completed"u8 : "Failed"u8);
        if (answer.IsSuccess)
        {
            json.WritePropertyName("result"u8);
            json.WriteRawValue(answer.Whole, skipInputValidation: true);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, answer.Status);
            json.WriteString("message"u8, MessageOf(answer.Whole));
            json.WriteEndObject();
        }
        json.WriteString("provider"u8, party.Provider.Slug);
        json.WriteString("model"u8, party.Name);
        json.WriteEndObject();
        json.WriteBoolean("success"u8, answer.IsSuccess);
        json.WriteStartArray("errors"u8);
        if (!answer.IsSuccess)
        {
            json.WriteStartObject();
            json.WriteNumber("code"u8, Failed);
            json.WriteString("message"u8, $"Model execution failed: {MessageOf(answer.Whole)}");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("messages"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool IsRefusal(byte[] body) => body.AsSpan().IndexOf("\"AiGatewayError\""u8) >= 0;

    private static string MessageOf(byte[] body)
    {
        try
        {
            using var error = JsonDocument.Parse(body);
            if (error.RootElement.ValueKind != JsonValueKind.Object)
                return "";
            var at = error.RootElement.TryGetProperty("error", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : error.RootElement;
            return at.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
