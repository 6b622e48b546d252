using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Media;

/// <summary>Images: Replicate, fal, Ideogram, Adobe Firefly. Answers name addresses that hold nothing, or carry the bytes.</summary>
public static class ImageOperations
{
    public static readonly IReadOnlyList<Operation> Replicate =
    [
        new("POST", "**/predictions", MediaErrors.Replicate, Predict),
        new("GET", "v1/predictions/*", MediaErrors.Replicate, Prediction, ReadsJson: false),
    ];

    /// <summary>Every path is a model.</summary>
    public static readonly IReadOnlyList<Operation> Fal = [new("POST", "**", MediaErrors.Detail, FalImage)];

    public static readonly IReadOnlyList<Operation> Ideogram =
    [
        new("POST", "generate", OpenAiErrors.Plain, IdeogramImage, ReadsJson: false),
        new("POST", "v1/*/generate", OpenAiErrors.Plain, IdeogramImage, ReadsJson: false),
    ];

    public static readonly IReadOnlyList<Operation> Firefly = [new("POST", "v3/images/generate", MediaErrors.Coded, FireflyImage)];

    private static UpstreamReply Predict(SimulatedCall call)
    {
        var input = call.Body(OpenAiWords.Instance).RequiredObject("input");
        return UpstreamReply.Json(201, Write(call, call.Digest[..26], input.Text("prompt") ?? ""));
    }

    private static UpstreamReply Prediction(SimulatedCall call) => UpstreamReply.Json(200, Write(call, call.Captured, ""));

    private static byte[] Write(SimulatedCall call, string id, string prompt) => WireJson.Bytes((call, id, prompt), static (json, made) =>
    {
        var now = made.call.Provider.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ");
        json.WriteStartObject();
        json.WriteString("id"u8, made.id);
        json.WriteString("model"u8, made.call.Request.Path.Contains("/models/", StringComparison.Ordinal) || made.call.Request.Path.StartsWith("v1/models/", StringComparison.Ordinal)
            ? string.Join('/', made.call.Request.Path.Split('/')[2..^1])
            : "");
        json.WriteStartObject("input"u8);
        json.WriteString("prompt"u8, made.prompt);
        json.WriteEndObject();
        json.WriteStartArray("output"u8);
        json.WriteStringValue(Address(made.id));
        json.WriteEndArray();
        json.WriteString("status"u8, "succeeded"u8);
        json.WriteNull("error"u8);
        json.WriteString("created_at"u8, now);
        json.WriteString("started_at"u8, now);
        json.WriteString("completed_at"u8, now);
        json.WriteStartObject("metrics"u8);
        json.WriteNumber("predict_time"u8, 0.1);
        json.WriteEndObject();
        json.WriteStartObject("urls"u8);
        json.WriteString("get"u8, $"https://api.replicate.com/v1/predictions/{made.id}");
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static UpstreamReply FalImage(SimulatedCall call)
    {
        var prompt = call.Body(OpenAiWords.Instance).Text("prompt") ?? "";
        return UpstreamReply.Json(200, WireJson.Bytes((call, prompt), static (json, made) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("images"u8);
            json.WriteStartObject();
            json.WriteString("url"u8, Address(made.call.Digest));
            json.WriteNumber("width"u8, 1024);
            json.WriteNumber("height"u8, 768);
            json.WriteString("content_type"u8, "image/png"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartObject("timings"u8);
            json.WriteNumber("inference"u8, 0.1);
            json.WriteEndObject();
            json.WriteNumber("seed"u8, 1);
            json.WriteStartArray("has_nsfw_concepts"u8);
            json.WriteBooleanValue(false);
            json.WriteEndArray();
            json.WriteString("prompt"u8, made.prompt);
            json.WriteEndObject();
        }));
    }

    private static UpstreamReply IdeogramImage(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) =>
    {
        json.WriteStartObject();
        json.WriteString("created"u8, call.Provider.Time.GetUtcNow().UtcDateTime);
        json.WriteStartArray("data"u8);
        json.WriteStartObject();
        json.WriteString("url"u8, Address(call.Digest));
        json.WriteString("resolution"u8, "1024x1024"u8);
        json.WriteBoolean("is_image_safe"u8, true);
        json.WriteNumber("seed"u8, 1);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private static UpstreamReply FireflyImage(SimulatedCall call)
    {
        call.Body(OpenAiWords.Instance).RequiredText("prompt");
        return UpstreamReply.Json(200, WireJson.Bytes(call, static (json, call) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("size"u8);
            json.WriteNumber("width"u8, 2048);
            json.WriteNumber("height"u8, 2048);
            json.WriteEndObject();
            json.WriteStartArray("outputs"u8);
            json.WriteStartObject();
            json.WriteNumber("seed"u8, 1);
            json.WriteStartObject("image"u8);
            json.WriteString("url"u8, Address(call.Digest));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static string Address(string digest) => $"https://images.example.com/{digest[..Math.Min(24, digest.Length)]}.png";
}
