using System.Text;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class MediaTests
{
    [Theory]
    [InlineData("openai", "audio/speech", """{"model":"tts-1","input":"Hello","voice":"alloy"}""", "audio/mpeg")]
    [InlineData("elevenlabs", "v1/text-to-speech/voice1?output_format=mp3_44100_128", """{"text":"Hello"}""", "audio/mpeg")]
    [InlineData("deepgram", "v1/speak?model=aura-2", """{"text":"Hello"}""", "audio/mpeg")]
    [InlineData("cartesia", "tts/bytes", """{"model_id":"sonic-2","transcript":"Hello","voice":{"mode":"id","id":"v"},"output_format":{"container":"wav"}}""", "audio/wav")]
    public async Task Speech_IsRawBytesWithTheirType(string slug, string path, string body, string type)
    {
        var answer = await new TestProvider(slug).PostAsync(path, body);

        Assert.Equal((200, type), (answer.Status, answer.ContentType));
        Assert.Equal(type == "audio/wav" ? "RIFF"u8.ToArray() : [0xFF, 0xFB, 0x10, 0xC0], answer.Bytes[..4]);
    }

    [Theory]
    [InlineData("elevenlabs", "v1/text-to-speech/voice1", "{}", "detail.message")]
    [InlineData("deepgram", "v1/speak", "{}", "err_msg")]
    [InlineData("cartesia", "tts/bytes", "{}", "error")]
    [InlineData("replicate", "v1/predictions", "{}", "detail")]
    [InlineData("adobe-firefly", "v3/images/generate", "{}", "message")]
    [InlineData("huggingface", "gpt2", "{}", "error")]
    public async Task Request_WithoutWhatItNeeds_400InTheProvidersShape(string slug, string path, string body, string message)
    {
        var answer = await new TestProvider(slug).PostAsync(path, body);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith("Missing required parameter", answer.Json.TextAt(message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fal", "fal-ai/flux/dev", """{"prompt":"a cat"}""", "images.0.url")]
    [InlineData("replicate", "v1/models/black-forest-labs/flux-schnell/predictions", """{"input":{"prompt":"a cat"}}""", "output.0")]
    [InlineData("ideogram", "generate", """{"image_request":{"prompt":"a cat"}}""", "data.0.url")]
    [InlineData("adobe-firefly", "v3/images/generate", """{"prompt":"a cat"}""", "outputs.0.image.url")]
    [InlineData("openai", "images/generations", """{"model":"dall-e-3","prompt":"a cat"}""", "data.0.url")]
    public async Task Image_IsAnAddressThatFollowsFromTheRequest(string slug, string path, string body, string url)
    {
        var provider = new TestProvider(slug);

        var (first, again, other) = (await provider.PostAsync(path, body), await provider.PostAsync(path, body), await provider.PostAsync(path, body.Replace("cat", "dog", StringComparison.Ordinal)));

        Assert.StartsWith("https://images.example.com/", first.Json.TextAt(url), StringComparison.Ordinal);
        Assert.Equal(first.Json.TextAt(url), again.Json.TextAt(url));
        Assert.NotEqual(first.Json.TextAt(url), other.Json.TextAt(url));
    }

    [Fact]
    public async Task Image_Base64_IsAPng()
    {
        var answer = await new TestProvider("openai").PostAsync("images/generations", """{"model":"gpt-image-1","prompt":"a cat","n":2}""");

        Assert.Equal(2, answer.Json.At("data").GetArrayLength());
        var png = answer.Json.At("data.1.b64_json").GetBytesFromBase64();
        Assert.Equal("\u0089PNG", Encoding.Latin1.GetString(png, 0, 4));
        Assert.EndsWith("IEND", Encoding.Latin1.GetString(png)[..^4], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", "audio/transcriptions", "text")]
    [InlineData("elevenlabs", "v1/speech-to-text", "text")]
    [InlineData("deepgram", "v1/listen", "results.channels.0.alternatives.0.transcript")]
    public async Task Transcription_OfAnyBytes_SaysHowMany(string slug, string path, string text) =>
        Assert.Equal("You said something in 5 bytes of audio.", (await new TestProvider(slug).PostAsync(path, "RIFF.")).Json.TextAt(text));

    [Fact]
    public async Task HuggingFace_Model_GeneratesText() => Assert.Equal(
        "[huggingface/openai-community/gpt2] You said: Hi", (await new TestProvider("huggingface").PostAsync("openai-community/gpt2", """{"inputs":"Hi"}""")).Json.TextAt("0.generated_text"));
}
