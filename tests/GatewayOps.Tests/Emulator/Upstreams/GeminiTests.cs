using System.Text;
using System.Text.Json;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class GeminiTests
{
    private const string Model = "v1beta/models/gemini-2.0-flash:";
    private const string Weather = """{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}},"required":["city"]}}]}""";

    [Fact]
    public async Task Generate_Text_IsOneResponse()
    {
        var json = (await Ask("generateContent", Body("Hello there", """, "systemInstruction": {"parts":[{"text":"Be kind"}]}"""))).Json;

        Assert.Equal("[google-ai-studio/gemini-2.0-flash] You said: Hello there", json.TextAt("candidates.0.content.parts.0.text"));
        Assert.Equal(("model", "STOP"), (json.TextAt("candidates.0.content.role"), json.TextAt("candidates.0.finishReason")));
        Assert.Equal((12, 9, 21), (json.NumberAt("usageMetadata.promptTokenCount"), json.NumberAt("usageMetadata.candidatesTokenCount"), json.NumberAt("usageMetadata.totalTokenCount")));
        Assert.Equal("gemini-2.0-flash", json.TextAt("modelVersion"));
    }

    [Fact]
    public async Task Stream_Sse_PartsThenTheReason()
    {
        var answer = await Ask("streamGenerateContent?alt=sse", Body("Hi"));

        Assert.StartsWith("text/event-stream", answer.ContentType, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Equal("[google-ai-studio/gemini-2.0-flash] You said: Hi", string.Concat(answer.Events.Select(one => one.TextAt("candidates.0.content.parts.0.text"))));
        Assert.Equal([false, true], answer.Events.Select(one => one.At("candidates.0").Has("finishReason")));
        Assert.Equal([4L, 8], answer.Events.Select(one => one.NumberAt("usageMetadata.candidatesTokenCount")));
    }

    [Fact]
    public async Task Stream_WithoutSse_IsAnArrayThatGrows()
    {
        var answer = await Ask("streamGenerateContent", Body("Hi"));

        Assert.StartsWith("application/json", answer.ContentType, StringComparison.Ordinal);
        Assert.Equal((2, 2), (answer.Pieces.Count, answer.Json.GetArrayLength()));
        Assert.Equal("STOP", answer.Json.TextAt("1.candidates.0.finishReason"));
        Assert.StartsWith("[{", Encoding.UTF8.GetString(answer.Pieces[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thoughts_OfAThinker_AreCountedAndShownWhenAsked()
    {
        var provider = new TestProvider("google-ai-studio");
        const string path = "v1beta/models/gemini-2.5-flash:generateContent";

        var hidden = (await provider.PostAsync(path, Body("Hi"))).Json;
        var shown = (await provider.PostAsync(path, Body("Hi", """, "generationConfig": {"thinkingConfig":{"includeThoughts":true,"thinkingBudget":20}}"""))).Json;
        var none = (await provider.PostAsync(path, Body("Hi", """, "generation_config": {"thinking_config":{"thinking_budget":0}}"""))).Json;

        Assert.Equal((64, 1), (hidden.NumberAt("usageMetadata.thoughtsTokenCount"), hidden.At("candidates.0.content.parts").GetArrayLength()));
        Assert.True(shown.At("candidates.0.content.parts.0.thought").GetBoolean());
        Assert.Equal(20, shown.NumberAt("usageMetadata.thoughtsTokenCount"));
        Assert.False(none.At("usageMetadata").Has("thoughtsTokenCount"));
    }

    [Fact]
    public async Task Function_AskedFor_IsCalledAndItsResponseTold()
    {
        var called = (await Ask("generateContent", Body("The weather?", $$""", "tools": [{{Weather}}]"""))).Json;
        var told = (await Ask("generateContent", $$$$"""
            {"tools":[{{{{Weather}}}}],"contents":[{"role":"user","parts":[{"text":"The weather?"}]},{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{}}}]},
             {"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"result":"18 degrees"}}}]}]}
            """)).Json;

        Assert.Equal(("get_weather", """{"city":"city"}"""), (called.TextAt("candidates.0.content.parts.0.functionCall.name"), called.At("candidates.0.content.parts.0.functionCall.args").GetRawText()));
        Assert.EndsWith("The tool said: 18 degrees", told.TextAt("candidates.0.content.parts.0.text"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NONE", false)]
    [InlineData("AUTO", false)]
    [InlineData("ANY", true)]
    public async Task FunctionMode_WithoutBeingAsked_Decides(string mode, bool calls)
    {
        var part = (await Ask("generateContent", Body("Hello", $$$""", "toolConfig": {"functionCallingConfig":{"mode":"{{{mode}}}"}}, "tools": [{{{Weather}}}]"""))).Json.At("candidates.0.content.parts.0");

        Assert.Equal(calls, part.Has("functionCall"));
    }

    [Theory]
    [InlineData("responseSchema", """{"type":"OBJECT","properties":{"age":{"type":"INTEGER","minimum":18}},"required":["age"]}""")]
    [InlineData("responseJsonSchema", """{"type":"object","properties":{"age":{"type":"integer","minimum":18}},"required":["age"]}""")]
    public async Task ResponseSchema_TextFitsIt(string member, string schema)
    {
        var json = (await Ask("generateContent", Body("Who?", $$$$""", "generationConfig": {"{{{{member}}}}":{{{{schema}}}},"responseMimeType":"application/json"}"""))).Json;

        Assert.Equal("""{"age":18}""", json.TextAt("candidates.0.content.parts.0.text"));
    }

    [Fact]
    public async Task MaxOutputTokensAndCandidates_AreKept()
    {
        var json = (await Ask("generateContent", Body("one two three", """, "generationConfig": {"maxOutputTokens":3,"candidateCount":2}"""))).Json;

        Assert.Equal("MAX_TOKENS", json.TextAt("candidates.0.finishReason"));
        Assert.Equal([0L, 1], json.At("candidates").EnumerateArray().Select(one => one.NumberAt("index")));
        Assert.Equal(6, json.NumberAt("usageMetadata.candidatesTokenCount"));
    }

    [Fact]
    public async Task Embed_OneAndBatch_SameVectorForTheSameText()
    {
        var provider = new TestProvider("google-ai-studio");
        const string content = """{"content":{"parts":[{"text":"one"}]},"outputDimensionality":8}""";

        var one = (await provider.PostAsync("v1beta/models/gemini-embedding-001:embedContent", content)).Json;
        var batch = (await provider.PostAsync("v1beta/models/gemini-embedding-001:batchEmbedContents", $$"""{"requests":[{{content}},{{content}}]}""")).Json;

        Assert.Equal(8, one.At("embedding.values").GetArrayLength());
        Assert.Equal(one.At("embedding.values").GetRawText(), batch.At("embeddings.1.values").GetRawText());
    }

    [Fact]
    public async Task CountTokens_AndModels()
    {
        Assert.Equal(6, (await Ask("countTokens", Body("Hello there"))).Json.NumberAt("totalTokens"));
        var provider = new TestProvider("google-ai-studio");
        var page = (await provider.GetAsync("v1beta/models?pageSize=2")).Json;
        Assert.Equal((2, "2"), (page.At("models").GetArrayLength(), page.TextAt("nextPageToken")));
        Assert.False((await provider.GetAsync("v1beta/models?pageSize=50&pageToken=2")).Json.Has("nextPageToken"));
        Assert.Equal("models/gemini-2.5-pro", (await provider.GetAsync("v1beta/models/gemini-2.5-pro")).Json.TextAt("name"));
    }

    [Theory]
    [InlineData("{}", "contents")]
    [InlineData("""{"contents":[]}""", "contents")]
    [InlineData("""{"contents":7}""", "contents")]
    [InlineData("""{"contents":[{"role":"robot","parts":[{"text":"x"}]}]}""", "contents[0].role")]
    [InlineData("""{"contents":[{"parts":[{"text":7}]}]}""", "contents[0].parts[0].text")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":0}}""", "generationConfig.maxOutputTokens")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"responseSchema":{"type":"STRING"}}}""", "generationConfig.responseMimeType")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{}]}]}""", "tools[0].functionDeclarations[0].name")]
    public async Task Request_Wrong_InvalidArgumentNamesTheField(string body, string field)
    {
        var answer = await Ask("generateContent", body);

        Assert.Equal((400, 400, "INVALID_ARGUMENT"), (answer.Status, answer.Json.NumberAt("error.code"), answer.Json.TextAt("error.status")));
        Assert.Equal(field, answer.Json.TextAt("error.details.0.fieldViolations.0.field"));
    }

    [Fact]
    public async Task Key_InTheQuery_IsTaken()
    {
        var provider = new TestProvider("google-ai-studio", keys: ["right"]);
        async Task<ProviderAnswer> WithAsync(string query) => await provider.SendAsync("POST", Model + "generateContent" + query, Body("x"), key: null);

        Assert.Equal(200, (await WithAsync("?key=right")).Status);
        Assert.Equal((400, "API_KEY_INVALID"), await WithAsync("?key=wrong") is var wrong ? (wrong.Status, wrong.Json.TextAt("error.details.0.reason")) : default);
        Assert.Equal((403, "PERMISSION_DENIED"), await WithAsync("") is var none ? (none.Status, none.Json.TextAt("error.status")) : default);
    }

    [Fact]
    public async Task Vertex_SpeaksGeminiAndAnthropicAtItsOwnPaths()
    {
        var provider = new TestProvider("google-vertex-ai");

        var gemini = await provider.PostAsync("v1/projects/p/locations/us-east1/publishers/google/models/gemini-2.5-pro:generateContent", Body("Hi"));
        var claude = await provider.PostAsync(
            "v1/projects/p/locations/us-east1/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict",
            """{"anthropic_version":"vertex-2023-10-16","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        var vector = await provider.PostAsync("v1/projects/p/locations/us-east1/publishers/google/models/gemini-embedding-001:predict", """{"instances":[{"content":"one two"}]}""");

        Assert.Equal("[google-vertex-ai/gemini-2.5-pro] You said: Hi", gemini.Json.TextAt("candidates.0.content.parts.0.text"));
        Assert.Equal("message_stop", claude.EventNames[^1]);
        Assert.Equal(2, vector.Json.NumberAt("predictions.0.embeddings.statistics.token_count"));
    }

    private static Task<ProviderAnswer> Ask(string method, string body) => new TestProvider("google-ai-studio").PostAsync(Model + method, body);

    private static string Body(string text, string more = "") => $$$"""{"contents":[{"role":"user","parts":[{"text":{{{JsonSerializer.Serialize(text)}}}}]}]{{{more}}}}""";
}
