using System.Text.Json;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Rest;

/// <summary>What `/ai/run` sends to another provider: its `input`, with the model's name in it, at the address that the model's kind has.</summary>
public sealed record ThirdPartyInput(string Operation, byte[] Body)
{
    public static ThirdPartyInput Of(ThirdParty party, JsonElement input)
    {
        var operation = OperationOf(party.Model, input);
        return new ThirdPartyInput(operation, WireJson.Bytes((party, input, operation), static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteString("model"u8, asked.party.Model);
            foreach (var member in asked.input.EnumerateObject())
            {
                if (member.NameEquals("model"))
                    continue;
                if (asked.operation == "chat/completions" && member.NameEquals("prompt") && member.Value.ValueKind == JsonValueKind.String)
                    WriteMessages(json, member.Value.GetString()!);
                else if (asked.operation == "audio/speech" && member.NameEquals("text"))
                    WriteNamed(json, "input", member.Value);
                else
                    member.WriteTo(json);
            }
            if (asked.operation == "audio/speech" && !asked.input.TryGetProperty("voice", out _))
                json.WriteString("voice"u8, "alloy"u8);
            json.WriteEndObject();
        }));
    }

    private static string OperationOf(string model, JsonElement input)
    {
        if (input.TryGetProperty("messages", out _))
            return "chat/completions";
        if (model.Contains("embed", StringComparison.Ordinal))
            return "embeddings";
        if (model.Contains("tts", StringComparison.Ordinal))
            return "audio/speech";
        if (model.Contains("image", StringComparison.Ordinal) || model.Contains("dall-e", StringComparison.Ordinal))
            return "images/generations";
        return input.TryGetProperty("input", out _) ? "responses" : "chat/completions";
    }

    private static void WriteMessages(Utf8JsonWriter json, string prompt)
    {
        json.WriteStartArray("messages"u8);
        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        json.WriteString("content"u8, prompt);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteNamed(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }
}
