using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Media;

/// <summary>Speech: ElevenLabs, Cartesia, Deepgram. Sounds are raw bytes with their content type.</summary>
public static class SoundOperations
{
    public static readonly IReadOnlyList<Operation> ElevenLabs =
    [
        new("POST", "v1/text-to-speech/*", MediaErrors.ElevenLabs, ElevenLabsSpeech),
        new("POST", "v1/text-to-speech/*/stream", MediaErrors.ElevenLabs, ElevenLabsSpeech),
        new("POST", "v1/speech-to-text", MediaErrors.ElevenLabs, Transcript, ReadsJson: false),
        new("GET", "v1/voices", MediaErrors.ElevenLabs, Voices, ReadsJson: false),
    ];

    public static readonly IReadOnlyList<Operation> Cartesia =
    [
        new("POST", "tts/bytes", OpenAiErrors.Plain, CartesiaSpeech),
        new("POST", "stt", OpenAiErrors.Plain, Transcript, ReadsJson: false),
    ];

    public static readonly IReadOnlyList<Operation> Deepgram =
    [
        new("POST", "v1/speak", MediaErrors.Deepgram, DeepgramSpeech),
        new("POST", "v1/listen", MediaErrors.Deepgram, Listen, ReadsJson: false),
    ];

    private static UpstreamReply ElevenLabsSpeech(SimulatedCall call)
    {
        var text = call.Body(OpenAiWords.Instance).RequiredText("text");
        KeyValuePair<string, string> cost = new("character-cost", text.Length.ToString());
        return call.Query("output_format")?.StartsWith("pcm", StringComparison.Ordinal) == true
            ? UpstreamReply.Bytes("audio/pcm", SimulatedMedia.Wav(text)[44..], cost)
            : UpstreamReply.Bytes("audio/mpeg", SimulatedMedia.Mp3(text), cost);
    }

    private static UpstreamReply CartesiaSpeech(SimulatedCall call)
    {
        var body = call.Body(OpenAiWords.Instance);
        body.RequiredText("model_id");
        var text = body.RequiredText("transcript");
        return body.Object("output_format")?.Text("container") == "mp3"
            ? UpstreamReply.Bytes("audio/mpeg", SimulatedMedia.Mp3(text))
            : UpstreamReply.Bytes("audio/wav", SimulatedMedia.Wav(text));
    }

    private static UpstreamReply DeepgramSpeech(SimulatedCall call) =>
        UpstreamReply.Bytes("audio/mpeg", SimulatedMedia.Mp3(call.Body(OpenAiWords.Instance).RequiredText("text")));

    private static UpstreamReply Listen(SimulatedCall call)
    {
        if (call.Request.Body.Length == 0)
            throw new RefusedException("Bad Request: failed to process audio: corrupt or unsupported data");
        return UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata"u8);
            json.WriteString("request_id"u8, Fingerprint.Uuid(call.Digest));
            json.WriteNumber("duration"u8, 1.0);
            json.WriteNumber("channels"u8, 1);
            json.WriteEndObject();
            json.WriteStartObject("results"u8);
            json.WriteStartArray("channels"u8);
            json.WriteStartObject();
            json.WriteStartArray("alternatives"u8);
            json.WriteStartObject();
            json.WriteString("transcript"u8, SimulatedMedia.Heard(call.Request.Body.Length));
            json.WriteNumber("confidence"u8, 0.99);
            json.WriteStartArray("words"u8);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply Transcript(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call.Request.Body.Length, static (json, bytes) =>
    {
        json.WriteStartObject();
        json.WriteString("language_code"u8, "en"u8);
        json.WriteString("text"u8, SimulatedMedia.Heard(bytes));
        json.WriteEndObject();
    }));

    private static UpstreamReply Voices(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(0, static (json, _) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("voices"u8);
        json.WriteStartObject();
        json.WriteString("voice_id"u8, "21m00Tcm4TlvDq8ikWAM"u8);
        json.WriteString("name"u8, "Simulated"u8);
        json.WriteString("category"u8, "premade"u8);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }));
}
