using System.Text.Json;
using GatewayOps.Tests.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.WorkersAi.AiCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

public sealed class RunTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Weather = """{"name":"get_weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}""";

    private readonly HttpClient _api = fixture.Emulator.Management;

    [Theory]
    [InlineData("run/@cf/meta/llama-3.1-8b-instruct", """{"prompt":"Hello there"}""")]
    [InlineData("run/@cf%2Fmeta%2Fllama-3.1-8b-instruct", """{"messages":[{"role":"system","content":""},{"role":"user","content":"Hello there"}]}""")]
    [InlineData("run/%40cf%2Fmeta%2Fllama-3.1-8b-instruct", """{"messages":[{"role":"user","content":[{"type":"text","text":"Hello there"}]}]}""")]
    [InlineData("run", """{"model":"@cf/meta/llama-3.1-8b-instruct","input":{"prompt":"Hello there"}}""")]
    public async Task Run_PromptOrMessages_AnswersInTheEnvelope(string path, string body)
    {
        var answer = await _api.RunAsync(path, body);

        Assert.Equal(200, answer.Status);
        Assert.Equal("[workers-ai/@cf/meta/llama-3.1-8b-instruct] You said: Hello there", answer.Result.TextAt("response"));
        Assert.True(answer.Json.At("success").GetBoolean());
        Assert.Equal((0, 0), (answer.Json.At("errors").GetArrayLength(), answer.Json.At("messages").GetArrayLength()));
        Assert.Equal(answer.Result.NumberAt("usage.total_tokens"), answer.Result.NumberAt("usage.prompt_tokens") + answer.Result.NumberAt("usage.completion_tokens"));
        Assert.True(double.Parse(answer.Headers["cf-ai-neurons"]) > 0);
        Assert.DoesNotContain("cf-aig-log-id", answer.Headers.Keys);
    }

    [Fact]
    public async Task Stream_Run_ExactFraming()
    {
        var answer = await _api.RunAsync($"run/{Llama}", """{"prompt":"Hi","stream":true}""");

        Assert.StartsWith("text/event-stream", answer.ContentType, StringComparison.Ordinal);
        Assert.All(answer.Text.TrimEnd('\n').Split("\n\n"), one => Assert.StartsWith("data: ", one, StringComparison.Ordinal));
        Assert.Equal("[DONE]", answer.Data[^1]);
        var events = answer.Data.SkipLast(1).Select(data => JsonSerializer.Deserialize<JsonElement>(data)).ToArray();
        Assert.Equal("[workers-ai/@cf/meta/llama-3.1-8b-instruct] You said: Hi", string.Concat(events.Select(one => one.TextAt("response"))));
        Assert.All(events[..^1], one => Assert.Equal(["response", "p"], one.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(["response", "usage"], events[^1].EnumerateObject().Select(member => member.Name));
        Assert.Equal(("", events.Length - 1), (events[^1].TextAt("response"), (int)events[^1].NumberAt("usage.completion_tokens")));
    }

    [Fact]
    public async Task Stream_NewerModel_ChunksThenTheCumulativeUsage()
    {
        var answer = await _api.RunAsync($"run/{Newer}", """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        var events = answer.Data.SkipLast(1).Select(data => JsonSerializer.Deserialize<JsonElement>(data)).ToArray();
        Assert.Equal("[DONE]", answer.Data[^1]);
        Assert.Equal("assistant", events[0].TextAt("choices.0.delta.role"));
        Assert.Equal("stop", events[^2].TextAt("choices.0.finish_reason"));
        Assert.Equal("[workers-ai/@cf/openai/gpt-oss-20b] You said: Hi", string.Concat(events[1..^2].Select(one => one.At("choices.0.delta")).Where(delta => delta.Has("content")).Select(delta => delta.TextAt("content"))));
        Assert.Contains(events, one => one.Has("choices") && one.At("choices.0.delta").Has("reasoning_content"));
        Assert.Equal(("", 64), (events[^1].TextAt("response"), events[^1].NumberAt("usage.completion_tokens") - events[1..^2].Count(one => one.At("choices.0.delta").Has("content"))));
    }

    [Fact]
    public async Task NewerModel_Plain_IsAChatCompletionInTheResult()
    {
        var result = (await _api.RunAsync($"run/{Newer}", """{"messages":[{"role":"user","content":"Hi"}]}""")).Result;

        Assert.Equal(("chat.completion", "stop"), (result.TextAt("object"), result.TextAt("choices.0.finish_reason")));
        Assert.EndsWith("You said: Hi", result.TextAt("choices.0.message.content"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Weather)]
    [InlineData($$"""{"type":"function","function":{{Weather}}}""")]
    public async Task Tools_AskedFor_AreNamedWithTheirArguments(string tool)
    {
        var called = (await _api.RunAsync($"run/{Tools}", $$"""{"messages":[{"role":"user","content":"The weather?"}],"tools":[{{tool}}]}""")).Result;
        var streamed = await _api.RunAsync($"run/{Tools}", $$"""{"messages":[{"role":"user","content":"The weather?"}],"tools":[{{tool}}],"stream":true}""");
        var unable = (await _api.RunAsync($"run/{Llama}", $$"""{"messages":[{"role":"user","content":"The weather?"}],"tools":[{{tool}}]}""")).Result;

        Assert.Equal("""[{"name":"get_weather","arguments":{"city":"city"}}]""", called.At("tool_calls").GetRawText());
        Assert.StartsWith("""{"response":"","tool_calls":[{"name":"get_weather","arguments":{"city":"city"}}]""", streamed.Data[0], StringComparison.Ordinal);
        Assert.False(unable.Has("tool_calls"));
    }

    [Fact]
    public async Task ResponseFormat_Json_IsAValueThatFits()
    {
        const string schema = """{"type":"object","properties":{"age":{"type":"integer","minimum":18}},"required":["age"]}""";

        var plain = (await _api.RunAsync($"run/{Llama}", $$$"""{"prompt":"Who?","response_format":{"type":"json_schema","json_schema":{{{schema}}}}}""")).Result;
        var wrapped = (await _api.RunAsync($"run/{Llama}", $$$$"""{"prompt":"Who?","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{{{{schema}}}}}}}""")).Result;
        var any = (await _api.RunAsync($"run/{Llama}", """{"prompt":"Who?","response_format":{"type":"json_object"}}""")).Result;

        Assert.Equal((18, 18), (plain.NumberAt("response.age"), wrapped.NumberAt("response.age")));
        Assert.Equal(JsonValueKind.Object, any.At("response").ValueKind);
    }

    [Fact]
    public async Task MaxTokens_Absent_Is256()
    {
        var words = string.Join(' ', Enumerable.Range(0, 400));

        Assert.Equal(256, (await _api.RunAsync($"run/{Llama}", $$"""{"prompt":"{{words}}"}""")).Result.NumberAt("usage.completion_tokens"));
        Assert.Equal(7, (await _api.RunAsync($"run/{Llama}", $$"""{"prompt":"{{words}}","max_tokens":7}""")).Result.NumberAt("usage.completion_tokens"));
    }

    [Theory]
    [InlineData("\"one\"", 1)]
    [InlineData("[\"one\",\"two\"]", 2)]
    public async Task Embeddings_TextOrTexts_ShapeAndData(string text, int count)
    {
        var result = (await _api.RunAsync($"run/{Bge}", $$"""{"text":{{text}}}""")).Result;

        Assert.Equal($"[{count},768]", result.At("shape").GetRawText());
        Assert.Equal((count, 768), (result.At("data").GetArrayLength(), result.At("data.0").GetArrayLength()));
        Assert.Equal("mean", result.TextAt("pooling"));
    }

    [Fact]
    public async Task Embeddings_QueryAndContexts_AreScoredTheNearestFirst()
    {
        var result = (await _api.RunAsync("run/@cf/baai/bge-m3", """{"query":"red fox","contexts":[{"text":"a blue bird"},{"text":"the red fox"}]}""")).Result;

        Assert.Equal([1L, 0], result.At("response").EnumerateArray().Select(one => one.NumberAt("id")));
    }

    [Theory]
    [InlineData("@cf/bytedance/stable-diffusion-xl-lightning", """{"prompt":"a cat"}""", "image/png", 0x89)]
    [InlineData("@cf/deepgram/aura-1", """{"text":"Hello"}""", "audio/mpeg", 0xFF)]
    public async Task BinaryModel_AnswersRawBytes(string model, string body, string type, int firstByte)
    {
        var answer = await _api.RunAsync($"run/{model}", body);

        Assert.Equal((200, type, firstByte), (answer.Status, answer.ContentType, answer.Bytes[0]));
    }

    [Theory]
    [InlineData("@cf/black-forest-labs/flux-1-schnell", """{"prompt":"a cat"}""", "image")]
    [InlineData("@cf/myshell-ai/melotts", """{"prompt":"Hello"}""", "audio")]
    public async Task BinaryModel_OfTheOldKind_AnswersBase64(string model, string body, string member) =>
        Assert.NotEmpty((await _api.RunAsync($"run/{model}", body)).Result.At(member).GetBytesFromBase64());

    [Theory]
    [InlineData("@cf/meta/m2m100-1.2b", """{"text":"Hello","target_lang":"fr"}""", "translated_text", "[fr] Hello")]
    [InlineData("@cf/facebook/bart-large-cnn", """{"input_text":"A short one"}""", "summary", "A short one")]
    [InlineData("@cf/huggingface/distilbert-sst-2-int8", """{"text":"I love it"}""", "1.label", "POSITIVE")]
    [InlineData("@cf/microsoft/resnet-50", """{"image":[1,2,3]}""", "0.label", "TABBY CAT")]
    [InlineData("@cf/facebook/detr-resnet-50", """{"image":[1]}""", "0.label", "cat")]
    [InlineData("@cf/llava-hf/llava-1.5-7b-hf", """{"image":[1,2],"prompt":"What?"}""", "description", "An image of 2 bytes.")]
    [InlineData("@cf/openai/whisper-large-v3-turbo", """{"audio":"AAAA"}""", "text", "You said something in 3 bytes of audio.")]
    public async Task OtherTask_AnswersInItsShape(string model, string body, string path, string expected) =>
        Assert.Equal(expected, (await _api.RunAsync($"run/{model}", body)).Result.TextAt(path));

    [Fact]
    public async Task Speech_AsItIs_IsTranscribed() =>
        Assert.Equal("You said something in 9 bytes of audio.", (await _api.RunAsync("run/@cf/openai/whisper", Bytes(9, "application/octet-stream"))).Result.TextAt("text"));

    [Theory]
    [InlineData("@cf/no/such", "{}", 400, 5007)]
    [InlineData("llama", "{}", 404, 3042)]
    [InlineData("@cf/meta", "{}", 404, 3042)]
    [InlineData("@cf/private/model", "{}", 403, 5018)]
    [InlineData(Llama, "", 400, 3003)]
    [InlineData(Llama, "{", 400, 5006)]
    [InlineData(Llama, "[]", 400, 5006)]
    [InlineData(Llama, "{}", 400, 5006)]
    [InlineData(Llama, """{"prompt":""}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":7}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":"\ud800"}""", 400, 5006)]
    [InlineData(Llama, """{"messages":"x"}""", 400, 5006)]
    [InlineData(Llama, """{"messages":[]}""", 400, 5006)]
    [InlineData(Llama, """{"messages":[{"content":"x"}]}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":"x","temperature":5.1}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":"x","top_k":0}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":"x","max_tokens":0}""", 400, 5006)]
    [InlineData(Llama, """{"prompt":"x","lora":"mine"}""", 405, 5005)]
    [InlineData("@cf/mistral/mistral-7b-instruct-v0.2-lora", """{"prompt":"x","lora":"incomplete-one"}""", 400, 3039)]
    [InlineData(Llama, """{"prompt":"x","max_tokens":7964}""", 413, 5021)]
    [InlineData(Llama, """{"prompt":"x","response_format":{"type":"json_schema","json_schema":{"type":"string","pattern":"x"}}}""", 400, 5024)]
    [InlineData(Llama, """{"prompt":"x","stream":true,"response_format":{"type":"json_object"}}""", 400, 5024)]
    [InlineData(Bge, "{}", 400, 5006)]
    [InlineData(Bge, """{"text":[]}""", 400, 5006)]
    [InlineData(Bge, """{"text":""}""", 400, 5006)]
    [InlineData("@cf/openai/whisper-large-v3-turbo", """{"audio":"!!"}""", 400, 5004)]
    [InlineData("@cf/openai/whisper-large-v3-turbo", """{"audio":true}""", 400, 5004)]
    [InlineData("@cf/meta/llama-3.2-11b-vision-instruct", """{"prompt":"x"}""", 403, 5016)]
    public async Task Run_Wrong_StatusAndCodeInTheEnvelope(string model, string body, int status, int code)
    {
        var answer = await _api.RunAsync($"run/{model}", body);

        Assert.Equal((status, code), (answer.Status, answer.ErrorCode));
        Assert.False(answer.Json.At("success").GetBoolean());
        Assert.StartsWith("AiError: ", answer.Json.TextAt("errors.0.message"), StringComparison.Ordinal);
        Assert.Equal("{}", answer.Result.GetRawText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"model":7,"input":{}}""")]
    [InlineData("""{"model":"@cf/meta/llama-3.1-8b-instruct"}""")]
    [InlineData("""{"model":"@cf/meta/llama-3.1-8b-instruct","input":"x"}""")]
    public async Task RunNamed_WithoutModelOrInput_400(string body) => Assert.Equal((400, 5006), await _api.RunAsync("run", body) is var no ? (no.Status, no.ErrorCode) : default);

    [Fact]
    public async Task Terms_AgreedTo_OpenTheModel()
    {
        await using var emulator = await TestEmulator.StartAsync();
        const string vision = "run/@cf/meta/llama-3.2-11b-vision-instruct";

        Assert.Equal(5016, (await emulator.Management.RunAsync(vision, """{"prompt":"x"}""")).ErrorCode);
        Assert.Equal(200, (await emulator.Management.RunAsync(vision, """{"prompt":"agree"}""")).Status);
        Assert.Equal(200, (await emulator.Management.RunAsync(vision, """{"prompt":"x"}""")).Status);
    }

    [Fact]
    public async Task Access_WithoutACredential_401() =>
        Assert.Equal(401, (await fixture.Emulator.NewClient($"/client/v4/accounts/{fixture.Emulator.Options.AccountId}/").RunAsync($"run/{Llama}", """{"prompt":"x"}""")).Status);
}
