using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>
/// Answers a legacy text completion by chat: the prompt is the one message of the user, what the assistant says is the text. Everything else passes as it is,
/// but for what chat does not have: that is refused, or left out where it says what chat does anyway.
/// </summary>
internal static class CompletionThroughChat
{
    private const string ChatId = "chatcmpl-";

    // What chat does anyway, by member of a completion.
    private static readonly (string Name, Func<JsonElement, bool> IsOrdinary)[] Foreign =
    [
        ("suffix", value => value.ValueKind is JsonValueKind.String && value.ValueEquals(""u8)),
        ("echo", value => value.ValueKind is JsonValueKind.False),
        ("best_of", value => value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number == 1),
        ("logprobs", _ => false),
    ];

    public static OpenAiError? Refusal(JsonElement request)
    {
        if (Prompt(request) is null)
        {
            return Unable("prompt", "more than one prompt, or a prompt in tokens");
        }

        foreach (var (name, isOrdinary) in Foreign)
        {
            if (request.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null && !isOrdinary(value))
            {
                return Unable(name, name);
            }
        }

        return null;
    }

    public static byte[] Request(JsonElement request, BodyChanges changes)
    {
        var (model, askForUsage, temperature) = changes;
        return Written(json =>
        {
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            Copy(json, "content", Prompt(request)!.Value);
            json.WriteEndObject();
            json.WriteEndArray();
            foreach (var member in request.EnumerateObject())
            {
                if (IsSame(member))
                {
                    Copy(json, member.Name, member.Value);
                }
            }

            if (temperature is { } degree)
            {
                json.WriteNumber("temperature"u8, degree);
            }

            if (askForUsage)
            {
                json.WriteStartObject("stream_options"u8);
                foreach (var option in Members(request, "stream_options").Where(option => !option.NameEquals("include_usage"u8)))
                {
                    Copy(json, option.Name, option.Value);
                }

                json.WriteBoolean("include_usage"u8, true);
                json.WriteEndObject();
            }
        });

        bool IsSame(JsonProperty member) =>
            member.Name is not ("model" or "prompt" or "provider") && !(askForUsage && member.NameEquals("stream_options"u8)) && !(temperature is not null && member.NameEquals("temperature"u8)) && !Array.Exists(Foreign, row => member.NameEquals(row.Name));
    }

    public static byte[] Answer(ReadOnlyMemory<byte> chat) => Completion(chat, "message");

    public static byte[] Event(ReadOnlyMemory<byte> chunk) => SseEvent.Of(Completion(chunk, "delta"));

    private static byte[] Completion(ReadOnlyMemory<byte> chat, string said)
    {
        using var document = JsonDocument.Parse(chat);
        return Written(json =>
        {
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.NameEquals("id"u8) && member.Value.ValueKind is JsonValueKind.String && member.Value.GetString() is { } id)
                {
                    json.WriteString("id"u8, "cmpl-" + (id.StartsWith(ChatId, StringComparison.Ordinal) ? id[ChatId.Length..] : id));
                }
                else if (member.NameEquals("object"u8))
                {
                    json.WriteString("object"u8, "text_completion"u8);
                }
                else if (member.NameEquals("choices"u8))
                {
                    WriteChoices(json, member.Value, said);
                }
                else
                {
                    Copy(json, member.Name, member.Value);
                }
            }
        });
    }

    private static void WriteChoices(Utf8JsonWriter json, JsonElement choices, string said)
    {
        json.WriteStartArray("choices"u8);
        foreach (var choice in choices.ValueKind is JsonValueKind.Array ? choices.EnumerateArray() : default)
        {
            json.WriteStartObject();
            if (Member(Member(choice, said), "content") is { ValueKind: JsonValueKind.String } text)
            {
                Copy(json, "text", text);
            }
            else
            {
                json.WriteString("text"u8, ""u8);
            }

            if (Member(choice, "index") is { } index)
            {
                Copy(json, "index", index);
            }

            json.WriteNull("logprobs"u8);
            if (Member(choice, "finish_reason") is { } finish)
            {
                Copy(json, "finish_reason", finish);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // One text, bare or alone in a list.
    private static JsonElement? Prompt(JsonElement request) => request.GetProperty("prompt") switch
    {
        { ValueKind: JsonValueKind.String } text => text,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 && list[0].ValueKind is JsonValueKind.String => list[0],
        _ => null,
    };

    private static OpenAiError Unable(string name, string what) => OpenAiError.Invalid(
        "unsupported_parameter", $"The provider has no text completions, and its chat cannot answer {what}: leave it out, or name a provider that has /v1/completions, openai for instance.", name);

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;

    private static IEnumerable<JsonProperty> Members(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.Object } member ? member.EnumerateObject() : [];

    // As it stands in the text: escapes and numbers stay as they were written.
    private static void Copy(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    private static byte[] Written(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
