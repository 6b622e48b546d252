using System.Runtime.InteropServices;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class EmbeddingsTests
{
    [Fact]
    public async Task Base64_AndFloats_AreTheSameVector()
    {
        var floats = (await Ask("""{"model":"text-embedding-3-small","input":"one","dimensions":64}""")).Json;
        var base64 = (await Ask("""{"model":"text-embedding-3-small","input":"one","dimensions":64,"encoding_format":"base64"}""")).Json;

        var decoded = MemoryMarshal.Cast<byte, float>(base64.At("data.0.embedding").GetBytesFromBase64());
        Assert.Equal(floats.At("data.0.embedding").EnumerateArray().Select(value => value.GetSingle()), decoded.ToArray());
        Assert.Equal((64, 1), (decoded.Length, floats.NumberAt("usage.prompt_tokens")));
        Assert.Equal(1, decoded.ToArray().Sum(value => (double)value * value), 5);
    }

    [Theory]
    [InlineData("\"one two\"", 1, 2)]
    [InlineData("[\"one\",\"two three\"]", 2, 3)]
    [InlineData("[1,2,3]", 1, 3)]
    [InlineData("[[1,2],[3]]", 2, 3)]
    public async Task Input_EveryForm_IsEmbedded(string input, int vectors, int tokens)
    {
        var json = (await Ask($$"""{"model":"text-embedding-3-large","input":{{input}}}""")).Json;

        Assert.Equal((vectors, 3072), (json.At("data").GetArrayLength(), json.At("data.0.embedding").GetArrayLength()));
        Assert.Equal(tokens, json.NumberAt("usage.total_tokens"));
    }

    [Theory]
    [InlineData("""{"input":"x"}""", "model")]
    [InlineData("""{"model":"m"}""", "input")]
    [InlineData("""{"model":"m","input":[]}""", "input")]
    [InlineData("""{"model":"m","input":""}""", "input")]
    [InlineData("""{"model":"m","input":["x",7]}""", "input[1]")]
    [InlineData("""{"model":"m","input":{"text":"x"}}""", "input")]
    [InlineData("""{"model":"text-embedding-3-small","input":"x","dimensions":1537}""", "dimensions")]
    [InlineData("""{"model":"text-embedding-3-small","input":"x","dimensions":0}""", "dimensions")]
    [InlineData("""{"model":"text-embedding-ada-002","input":"x","dimensions":3}""", "dimensions")]
    [InlineData("""{"model":"m","input":"x","encoding_format":"hex"}""", "encoding_format")]
    public async Task Request_Wrong_400NamesTheParameter(string body, string param)
    {
        var answer = await Ask(body);

        Assert.Equal((400, param), (answer.Status, answer.Json.TextAt("error.param")));
    }

    [Fact]
    public async Task Input_TooLongOrTooMany_400()
    {
        Assert.Equal(400, (await Ask($$"""{"model":"m","input":"{{string.Join(' ', Enumerable.Repeat("word", 8193))}}"}""")).Status);
        Assert.Equal(400, (await Ask($$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("\"x\"", 2049))}}]}""")).Status);
    }

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("openai").PostAsync("embeddings", body);
}
