using System.Text.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class ChatTests
{
    private const string Weather =
        """{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""";

    private const string Clock = """{"type":"function","function":{"name":"get_time"}}""";

    [Fact]
    public async Task Chat_Plain_IsOneChatCompletion()
    {
        var answer = await Ask(Chat("Hello there"));

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal("chat.completion", answer.Json.TextAt("object"));
        Assert.StartsWith("chatcmpl-", answer.Json.TextAt("id"), StringComparison.Ordinal);
        Assert.Equal("[openai/gpt-4o] You said: Hello there", answer.Json.TextAt("choices.0.message.content"));
        Assert.Equal("stop", answer.Json.TextAt("choices.0.finish_reason"));
        // "Hello", " there" and four for the message; "[openai/", "gpt-4o]", " You", " said:", " Hello", " there".
        Assert.Equal((6, 6, 12), (answer.Json.NumberAt("usage.prompt_tokens"), answer.Json.NumberAt("usage.completion_tokens"), answer.Json.NumberAt("usage.total_tokens")));
    }

    [Fact]
    public async Task Chat_SameRequest_SameBytesBelowTheClock()
    {
        var provider = new TestProvider("openai");
        var body = Chat("Hello", """, "seed": 7""");

        var (first, second) = ((await provider.PostAsync("chat/completions", body)).Json, (await provider.PostAsync("chat/completions", body)).Json);

        Assert.Equal(first.TextAt("id"), second.TextAt("id"));
        Assert.Equal(first.At("choices").GetRawText(), second.At("choices").GetRawText());
        Assert.NotEqual(first.TextAt("id"), (await provider.PostAsync("chat/completions", Chat("Hello", """, "seed": 8"""))).Json.TextAt("id"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_EventSequence_RoleContentFinishUsageDone(bool usage)
    {
        var answer = await Ask(Chat("Hi", usage ? """, "stream": true, "stream_options": {"include_usage": true}""" : """, "stream": true"""));

        Assert.StartsWith("text/event-stream", answer.ContentType, StringComparison.Ordinal);
        Assert.Equal("[DONE]", answer.Data().Last());
        Assert.Empty(answer.EventNames);
        Assert.Equal(answer.Pieces.Count, answer.Data().Count());
        var chunks = answer.Events;
        var said = chunks.Where(chunk => chunk.At("choices").GetArrayLength() > 0).ToArray();
        Assert.Equal("""{"role":"assistant","content":"","refusal":null}""", said[0].At("choices.0.delta").GetRawText());
        Assert.Equal(["[openai/", "gpt-4o]", " You", " said:", " Hi"], said[1..^1].Select(chunk => chunk.TextAt("choices.0.delta.content")));
        Assert.Equal("{}", said[^1].At("choices.0.delta").GetRawText());
        Assert.Equal("stop", said[^1].TextAt("choices.0.finish_reason"));
        Assert.Single(chunks.Select(chunk => chunk.TextAt("id")).Distinct());
        if (!usage)
        {
            Assert.All(chunks, chunk => Assert.False(chunk.Has("usage")));
            return;
        }
        Assert.All(said, chunk => Assert.Equal(JsonValueKind.Null, chunk.At("usage").ValueKind));
        Assert.Equal((0, 5), (chunks[^1].At("choices").GetArrayLength(), chunks[^1].NumberAt("usage.completion_tokens")));
    }

    [Theory]
    [InlineData("groq")]
    [InlineData("mistral")]
    [InlineData("deepseek")]
    public async Task Stream_OfOtherProviders_UsageIsInTheLastChunkUnasked(string slug)
    {
        var provider = new TestProvider(slug);

        var answer = await provider.PostAsync(provider.Provider.ChatPath, Chat("Hi", """, "stream": true"""));

        Assert.Equal(5, answer.Events[^1].NumberAt("usage.prompt_tokens"));
        Assert.Equal("stop", answer.Events[^1].TextAt("choices.0.finish_reason"));
        Assert.All(answer.Events.SkipLast(1), chunk => Assert.False(chunk.Has("usage")));
    }

    [Fact]
    public async Task Stream_OfAThinkerThatShowsIt_ReasoningComesFirst()
    {
        var answer = await new TestProvider("deepseek").PostAsync("chat/completions", Chat("Hi", """, "stream": true""", "deepseek-reasoner"));

        var kinds = answer.Events.Select(chunk => chunk.At("choices.0.delta").EnumerateObject().Select(member => member.Name).FirstOrDefault("end")).Distinct();
        Assert.Equal(["role", "reasoning_content", "content", "end"], kinds);
        Assert.Equal(64, answer.Events[^1].NumberAt("usage.completion_tokens_details.reasoning_tokens"));
    }

    [Theory]
    [InlineData("high", 128)]
    [InlineData("low", 16)]
    [InlineData("minimal", 0)]
    public async Task Reasoning_Effort_IsCounted(string effort, int tokens)
    {
        var usage = (await Ask(Chat("Hi", $$""", "reasoning_effort": "{{effort}}" """, "gpt-5"))).Json.At("usage");

        Assert.Equal(tokens, usage.NumberAt("completion_tokens_details.reasoning_tokens"));
        Assert.Equal(tokens + 5, usage.NumberAt("completion_tokens"));
    }

    [Fact]
    public async Task Reasoning_LongerThanTheLimit_NothingIsSaid()
    {
        var json = (await Ask(Chat("Hi", """, "max_completion_tokens": 10""", "gpt-5"))).Json;

        Assert.Equal(("", "length"), (json.TextAt("choices.0.message.content"), json.TextAt("choices.0.finish_reason")));
        Assert.Equal((10, 10), (json.NumberAt("usage.completion_tokens"), json.NumberAt("usage.completion_tokens_details.reasoning_tokens")));
    }

    [Fact]
    public async Task MaxTokens_Hit_EndsWithLengthAfterThatMany()
    {
        var json = (await Ask(Chat("one two three", """, "max_tokens": 4"""))).Json;

        Assert.Equal(("[openai/gpt-4o] You said:", "length", 4), (json.TextAt("choices.0.message.content"), json.TextAt("choices.0.finish_reason"), json.NumberAt("usage.completion_tokens")));
    }

    [Theory]
    [InlineData("\" two\"")]
    [InlineData("[\"zero\", \" two\", \" three\"]")]
    public async Task Stop_Met_CutsBeforeIt(string stop)
    {
        var json = (await Ask(Chat("one two three", $$""", "stop": {{stop}}"""))).Json;

        Assert.Equal(("[openai/gpt-4o] You said: one", "stop"), (json.TextAt("choices.0.message.content"), json.TextAt("choices.0.finish_reason")));
    }

    [Fact]
    public async Task Choices_Several_DifferAndThePromptCountsOnce()
    {
        var json = (await Ask(Chat("Hi", """, "n": 3"""))).Json;

        Assert.Equal(3, json.At("choices").EnumerateArray().Select(choice => choice.TextAt("message.content")).Distinct().Count());
        Assert.Equal([0, 1, 2], json.At("choices").EnumerateArray().Select(choice => choice.NumberAt("index")));
        Assert.Equal((5, 17), (json.NumberAt("usage.prompt_tokens"), json.NumberAt("usage.completion_tokens")));
    }

    [Fact]
    public async Task Logprobs_Asked_OneForEachToken()
    {
        var json = (await Ask(Chat("é", """, "logprobs": true, "top_logprobs": 2"""))).Json;

        var tokens = json.At("choices.0.logprobs.content").EnumerateArray().ToArray();
        Assert.Equal(json.NumberAt("usage.completion_tokens"), tokens.Length);
        Assert.Equal("[32,195,169]", tokens[^1].At("bytes").GetRawText());
        Assert.Equal(" é", tokens[^1].TextAt("top_logprobs.0.token"));
        Assert.Equal(JsonValueKind.Null, (await Ask(Chat("é"))).Json.At("choices.0.logprobs").ValueKind);
    }

    [Fact]
    public async Task Tools_SeveralAskedFor_AreCalledInParallelUnlessForbidden()
    {
        var tools = $$""", "tools": [{{Weather}}, {{Clock}}]""";

        var both = (await Ask(Chat("The weather and the time in Rome?", tools))).Json;
        var one = (await Ask(Chat("The weather and the time in Rome?", tools + """, "parallel_tool_calls": false"""))).Json;

        Assert.Equal("tool_calls", both.TextAt("choices.0.finish_reason"));
        Assert.Equal(JsonValueKind.Null, both.At("choices.0.message.content").ValueKind);
        Assert.Equal(["get_weather", "get_time"], both.At("choices.0.message.tool_calls").EnumerateArray().Select(call => call.TextAt("function.name")));
        Assert.Equal(["""{"city":"city"}""", "{}"], both.At("choices.0.message.tool_calls").EnumerateArray().Select(call => call.TextAt("function.arguments")));
        Assert.Equal(2, both.At("choices.0.message.tool_calls").EnumerateArray().Select(call => call.TextAt("id")).Distinct().Count());
        Assert.Equal(1, one.At("choices.0.message.tool_calls").GetArrayLength());
    }

    [Theory]
    [InlineData("\"none\"", null)]
    [InlineData("\"auto\"", null)]
    [InlineData("\"required\"", "get_weather")]
    [InlineData("""{"type":"function","function":{"name":"get_time"}}""", "get_time")]
    public async Task ToolChoice_WithoutBeingAsked_DecidesTheCall(string choice, string? called)
    {
        var message = (await Ask(Chat("Hello", $$""", "tools": [{{Weather}}, {{Clock}}], "tool_choice": {{choice}}"""))).Json.At("choices.0.message");

        Assert.Equal(called, message.Has("tool_calls") ? message.TextAt("tool_calls.0.function.name") : null);
    }

    [Fact]
    public async Task ToolCall_Streamed_OpensThenArgumentsArriveInPiecesByIndex()
    {
        var answer = await Ask(Chat("The weather and the time?", $$""", "stream": true, "tools": [{{Weather}}, {{Clock}}]"""));

        var deltas = answer.Events.Select(chunk => chunk.At("choices.0.delta")).Where(delta => delta.Has("tool_calls")).Select(delta => delta.At("tool_calls.0")).ToArray();
        Assert.Equal([(0, "get_weather"), (1, "get_time")], deltas.Where(delta => delta.Has("id")).Select(delta => ((int)delta.NumberAt("index"), delta.TextAt("function.name")!)));
        Assert.Equal("""{"city":"city"}""", string.Concat(deltas.Where(delta => delta.NumberAt("index") == 0).Select(delta => delta.TextAt("function.arguments"))));
        Assert.Equal("tool_calls", answer.Events[^1].TextAt("choices.0.finish_reason"));
    }

    [Fact]
    public async Task ToolResults_AfterTheCall_AreToldAsText()
    {
        var body = $$$"""
            {"model":"gpt-4o","tools":[{{{Weather}}}],"messages":[{"role":"user","content":"The weather?"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"call_1","content":"18 degrees"},{"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]}]}
            """;

        Assert.Equal("[openai/gpt-4o] The tools said: 18 degrees; noon", (await Ask(body)).Json.TextAt("choices.0.message.content"));
    }

    [Fact]
    public async Task CustomTool_Called_TakesTheTextItself()
    {
        var json = (await Ask(Chat("Please shout now", """, "tools": [{"type":"custom","custom":{"name":"shout"}}]"""))).Json;

        Assert.Equal(("custom", "Please shout now"), (json.TextAt("choices.0.message.tool_calls.0.type"), json.TextAt("choices.0.message.tool_calls.0.custom.input")));
    }

    [Fact]
    public async Task JsonObject_Asked_IsOne()
    {
        var content = (await Ask(Chat("say \"hi\"", """, "response_format": {"type":"json_object"}"""))).Json.TextAt("choices.0.message.content")!;

        Assert.Equal("[openai/gpt-4o] You said: say \"hi\"", JsonSerializer.Deserialize<JsonElement>(content).TextAt("answer"));
    }

    [Fact]
    public async Task LongPrompt_SaidAgain_ReportsCachedTokensForFiveMinutes()
    {
        var provider = new TestProvider("openai");
        var body = Chat(string.Join(' ', Enumerable.Range(0, 2000)));
        async Task<long> CachedAsync() => (await provider.PostAsync("chat/completions", body)).Json.NumberAt("usage.prompt_tokens_details.cached_tokens");

        Assert.Equal(0, await CachedAsync());
        Assert.Equal(1920, await CachedAsync()); // 2004 in steps of 128
        provider.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(0, await CachedAsync());
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", null, "model")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"x"}]}""", "invalid_type", "model")]
    [InlineData("""{"model":"gpt-4o"}""", "missing_required_parameter", "messages")]
    [InlineData("""{"model":"gpt-4o","messages":"x"}""", "invalid_type", "messages")]
    [InlineData("""{"model":"gpt-4o","messages":[]}""", "empty_array", "messages")]
    [InlineData("""{"model":"gpt-4o","messages":["x"]}""", "invalid_type", "messages[0]")]
    [InlineData("""{"model":"gpt-4o","messages":[{"content":"x"}]}""", "missing_required_parameter", "messages[0].role")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"robot","content":"x"}]}""", "invalid_value", "messages[0].role")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user"}]}""", "missing_required_parameter", "messages[0].content")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"tool","content":"x"}]}""", "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"smell"}]}]}""", "invalid_value", "messages[0].content[0].type")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"magic"}]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{}}]}""", "missing_required_parameter", "tools[0].function.name")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tool_choice":"auto"}""", null, "tool_choice")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"temperature":2.5}""", "decimal_above_max_value", "temperature")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "integer_below_min_value", "max_tokens")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"n":129}""", "integer_above_max_value", "n")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stop":["a","b","c","d","e"]}""", "array_above_max_length", "stop")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream":"yes"}""", "invalid_type", "stream")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", null, "stream_options")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "invalid_value", "response_format.type")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}}}""", "invalid_json_schema", "response_format")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"oneOf":[]}}}}""", "invalid_json_schema", "response_format")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"\ud800"}]}""", null, null)]
    [InlineData("""{"model":""", null, null)]
    [InlineData("[]", null, null)]
    public async Task Request_Wrong_400WithItsParameterAndCode(string body, string? code, string? param)
    {
        var answer = await Ask(body);

        Assert.Equal(400, answer.Status);
        Assert.Equal("invalid_request_error", answer.Json.TextAt("error.type"));
        Assert.Equal((code, param), (answer.Json.TextAt("error.code"), answer.Json.TextAt("error.param")));
        Assert.NotEmpty(answer.Json.TextAt("error.message")!);
    }

    [Fact]
    public async Task Prompt_LongerThanTheWindow_400ContextLengthExceeded()
    {
        var provider = new TestProvider("openai", new EmulatorOptions { ContextWindows = new Dictionary<string, int> { ["gpt-4o"] = 10 } });

        Assert.Equal(200, (await provider.PostAsync("chat/completions", Chat("1 2 3 4 5 6"))).Status);
        var answer = await provider.PostAsync("chat/completions", Chat("1 2 3 4 5 6 7"));

        Assert.Equal((400, "context_length_exceeded"), (answer.Status, answer.Json.TextAt("error.code")));
        Assert.StartsWith("This model's maximum context length is 10 tokens. However, your messages resulted in 11 tokens.", answer.Json.TextAt("error.message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_NotAmongThoseOfTheOptions_404()
    {
        var provider = new TestProvider("openai", new EmulatorOptions { UpstreamModels = new Dictionary<string, IReadOnlyList<string>> { ["openai"] = ["only-this"] } });

        Assert.Equal((404, "model_not_found"), await provider.PostAsync("chat/completions", Chat("x")) is var no ? (no.Status, no.Json.TextAt("error.code")) : default);
        Assert.Equal(200, (await provider.PostAsync("chat/completions", Chat("x", model: "only-this"))).Status);
        Assert.Equal("only-this", (await provider.GetAsync("models")).Json.TextAt("data.0.id"));
        Assert.Equal(404, (await provider.GetAsync("models/gpt-4o")).Status);
    }

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("openai").PostAsync("chat/completions", body);

    private static string Chat(string text, string more = "", string model = "gpt-4o") =>
        $$"""{"model":{{JsonSerializer.Serialize(model)}},"messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{more}}}""";
}
