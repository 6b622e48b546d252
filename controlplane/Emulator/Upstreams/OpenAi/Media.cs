using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>Images, speech, transcriptions and moderations of the OpenAI API.</summary>
public static class Media
{
    private static readonly string[] ImageFormats = ["url", "b64_json"];
    private static readonly string[] SpeechFormats = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

    private static readonly string[] Categories =
    [
        "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/intent",
        "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
    ];

    public static IEnumerable<Operation> At(string folder, ErrorDialect? errors = null)
    {
        var shape = errors ?? OpenAiErrors.OpenAi;
        yield return new("POST", folder + "images/generations", shape, Images);
        yield return new("POST", folder + "audio/speech", shape, Speech);
        yield return new("POST", folder + "audio/transcriptions", shape, Transcription, ReadsJson: false);
        yield return new("POST", folder + "audio/translations", shape, Transcription, ReadsJson: false);
        yield return new("POST", folder + "moderations", shape, Moderation);
    }

    private static UpstreamReply Images(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        var prompt = body.RequiredText("prompt");
        var model = body.Text("model") ?? "dall-e-2";
        call.Provider.RequireModel(model);
        var asked = (call, prompt, count: body.Whole("n", 1, 10) ?? 1,
            // The newer models know no other form.
            base64: body.OneOf("response_format", ImageFormats) == "b64_json" || model.StartsWith("gpt-image", StringComparison.Ordinal));
        return UpstreamReply.Json(200, WireJson.Bytes(asked, static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteNumber("created"u8, asked.call.Now);
            json.WriteStartArray("data"u8);
            for (var index = 0; index < asked.count; index++)
            {
                var digest = Fingerprint.Of($"{asked.call.Digest}{index}");
                json.WriteStartObject();
                if (asked.base64)
                    json.WriteBase64String("b64_json"u8, SimulatedMedia.Png(digest));
                else
                    json.WriteString("url"u8, $"https://images.example.com/{digest[..24]}.png");
                json.WriteString("revised_prompt"u8, asked.prompt);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Speech(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        call.Provider.RequireModel(body.RequiredText("model"));
        var text = body.RequiredText("input");
        if (!body.Has("voice", out _))
            throw body.Missing("voice");
        var format = body.OneOf("response_format", SpeechFormats) ?? "mp3";
        return format == "mp3"
            ? UpstreamReply.Bytes("audio/mpeg", SimulatedMedia.Mp3(text))
            : UpstreamReply.Bytes($"audio/{format}", SimulatedMedia.Wav(text)); // the sound of every other format is that of WAV
    }

    private static UpstreamReply Transcription(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call.Request.Body.Length, static (json, bytes) =>
    {
        json.WriteStartObject();
        json.WriteString("text"u8, SimulatedMedia.Heard(bytes));
        json.WriteEndObject();
    }));

    private static UpstreamReply Moderation(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        if (!body.Has("input", out _))
            throw body.Missing("input");
        var asked = (call, model: body.Text("model") ?? "omni-moderation-latest");
        return UpstreamReply.Json(200, WireJson.Bytes(asked, static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, $"modr-{asked.call.Digest[..32]}");
            json.WriteString("model"u8, asked.model);
            json.WriteStartArray("results"u8);
            json.WriteStartObject();
            json.WriteBoolean("flagged"u8, false);
            json.WriteStartObject("categories"u8);
            foreach (var category in Categories)
                json.WriteBoolean(category, false);
            json.WriteEndObject();
            json.WriteStartObject("category_scores"u8);
            foreach (var category in Categories)
                json.WriteNumber(category, 0.0001);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }
}
