namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class CohereTests
{
    private const string Weather = """{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""";

    [Fact]
    public async Task Chat_Text_IsComplete()
    {
        var json = (await Ask("""{"model":"command-a-03-2025","messages":[{"role":"user","content":"Hello there"}]}""")).Json;

        Assert.Equal("[cohere/command-a-03-2025] You said: Hello there", json.TextAt("message.content.0.text"));
        Assert.Equal(("COMPLETE", 6), (json.TextAt("finish_reason"), json.NumberAt("usage.tokens.input_tokens")));
    }

    [Fact]
    public async Task Stream_Text_ExactSequence()
    {
        var answer = await Ask("""{"model":"command-r","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(["message-start", "content-start", .. Enumerable.Repeat("content-delta", 6), "content-end", "message-end"], answer.EventNames);
        Assert.Equal("[cohere/command-r] You said: Hi", string.Concat(answer.Events.Where(one => one.TextAt("type") == "content-delta").Select(one => one.TextAt("delta.message.content.text"))));
        Assert.Equal(("COMPLETE", 6), (answer.Events[^1].TextAt("delta.finish_reason"), answer.Events[^1].NumberAt("delta.usage.tokens.output_tokens")));
    }

    [Fact]
    public async Task Tool_AskedFor_IsCalledPlainAndStreamed()
    {
        var body = $$"""{"model":"command-r","tools":[{{Weather}}],"messages":[{"role":"user","content":"The weather?"}]""";

        var plain = (await Ask(body + "}")).Json;
        var streamed = await Ask(body + ",\"stream\":true}");

        Assert.Equal(("TOOL_CALL", """{"city":"city"}"""), (plain.TextAt("finish_reason"), plain.TextAt("message.tool_calls.0.function.arguments")));
        Assert.Equal(
            ["message-start", "tool-plan-delta", "tool-call-start", "tool-call-delta", "tool-call-end", "message-end"],
            streamed.EventNames.Where((name, at) => at == 0 || name != streamed.EventNames[at - 1]));
    }

    [Fact]
    public async Task EmbedAndRerank()
    {
        var provider = new TestProvider("cohere");

        var embedded = (await provider.PostAsync("v2/embed", """{"model":"embed-english-v3.0","input_type":"search_query","texts":["one","two"],"embedding_types":["float"]}""")).Json;
        var ranked = (await provider.PostAsync("v2/rerank", """{"model":"rerank-v3.5","query":"red fox","documents":["a blue bird","the red fox","a fox"],"top_n":2}""")).Json;

        Assert.Equal((2, 1024), (embedded.At("embeddings.float").GetArrayLength(), embedded.At("embeddings.float.0").GetArrayLength()));
        Assert.Equal([1L, 2], ranked.At("results").EnumerateArray().Select(one => one.NumberAt("index")));
        Assert.True(ranked.At("results.0.relevance_score").GetDouble() > ranked.At("results.1.relevance_score").GetDouble());
    }

    [Theory]
    [InlineData("{}", "invalid request: model is required.")]
    [InlineData("""{"model":"c"}""", "invalid request: messages is required.")]
    [InlineData("""{"model":"c","messages":[]}""", "invalid request: messages must have at least 1 element.")]
    [InlineData("""{"model":"c","messages":"x"}""", "invalid type: parameter messages is of type string but should be of type array of objects.")]
    public async Task Request_Wrong_400InItsWords(string body, string message)
    {
        var answer = await Ask(body);

        Assert.Equal((400, message), (answer.Status, answer.Json.TextAt("message")));
    }

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("cohere").PostAsync("v2/chat", body);
}
