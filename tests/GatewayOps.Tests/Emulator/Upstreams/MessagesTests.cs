using System.Text.Json;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class MessagesTests
{
    private const string Version = "anthropic-version: 2023-06-01";
    private const string Weather = """{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}""";

    [Fact]
    public async Task Create_Text_IsOneMessage()
    {
        var json = (await Ask(Body("Hello there", """, "system": [{"type":"text","text":"Be kind"}]"""))).Json;

        Assert.Equal(("message", "assistant", "claude-sonnet-4-5"), (json.TextAt("type"), json.TextAt("role"), json.TextAt("model")));
        Assert.Equal(("text", "[anthropic/claude-sonnet-4-5] You said: Hello there"), (json.TextAt("content.0.type"), json.TextAt("content.0.text")));
        Assert.Equal("end_turn", json.TextAt("stop_reason"));
        Assert.Equal(JsonValueKind.Null, json.At("stop_sequence").ValueKind);
        Assert.Equal((12, 8), (json.NumberAt("usage.input_tokens"), json.NumberAt("usage.output_tokens")));
    }

    [Fact]
    public async Task Stream_Text_ExactSequence()
    {
        var answer = await Ask(Body("Hi", """, "stream": true"""));

        Assert.Equal(
            [
                "message_start", "content_block_start", "ping", .. Enumerable.Repeat("content_block_delta", 7), "content_block_stop", "message_delta", "message_stop",
            ],
            answer.EventNames);
        Assert.Equal(answer.EventNames, answer.Events.Select(one => one.TextAt("type")));
        Assert.Equal((5, 1), (answer.Events[0].NumberAt("message.usage.input_tokens"), answer.Events[0].NumberAt("message.usage.output_tokens")));
        Assert.Equal(0, answer.Events[0].At("message.content").GetArrayLength());
        Assert.Equal("[anthropic/claude-sonnet-4-5] You said: Hi", string.Concat(answer.Events.Where(one => one.TextAt("type") == "content_block_delta").Select(one => one.TextAt("delta.text"))));
        Assert.Equal(("end_turn", 7), (answer.Events[^2].TextAt("delta.stop_reason"), answer.Events[^2].NumberAt("usage.output_tokens")));
        Assert.Equal("""{"type":"message_stop"}""", answer.Events[^1].GetRawText());
    }

    [Fact]
    public async Task Stream_ThinkingThenTwoTools_BlocksByIndex()
    {
        var answer = await Ask(Body("The weather and the time", $$""", "stream": true, "max_tokens": 4000, "thinking": {"type":"enabled","budget_tokens":2000}, "tools": [{{Weather}}, {"name":"get_time","input_schema":{"type":"object"} }]""", most: false));

        var starts = answer.Events.Where(one => one.TextAt("type") == "content_block_start").ToArray();
        Assert.Equal(["thinking", "tool_use", "tool_use"], starts.Select(one => one.TextAt("content_block.type")));
        Assert.Equal([0L, 1, 2], starts.Select(one => one.NumberAt("index")));
        Assert.Equal("{}", starts[1].At("content_block.input").GetRawText());
        var deltas = answer.Events.Where(one => one.TextAt("type") == "content_block_delta").ToArray();
        Assert.Equal(["thinking_delta", "signature_delta", "input_json_delta"], deltas.Select(one => one.TextAt("delta.type")).Distinct());
        Assert.Equal("""{"city":"city"}""", string.Concat(deltas.Where(one => one.NumberAt("index") == 1).Select(one => one.TextAt("delta.partial_json"))));
        Assert.Equal("tool_use", answer.Events[^2].TextAt("delta.stop_reason"));
        Assert.Single(answer.EventNames, name => name == "ping");
    }

    [Theory]
    [InlineData("""{"type":"auto"}""", "text")]
    [InlineData("""{"type":"none"}""", "text")]
    [InlineData("""{"type":"any"}""", "get_weather")]
    [InlineData("""{"type":"tool","name":"get_time"}""", "get_time")]
    public async Task ToolChoice_WithoutBeingAsked_DecidesTheCall(string choice, string expected)
    {
        var block = (await Ask(Body("Hello", $$""", "tools": [{{Weather}}, {"name":"get_time","input_schema":{"type":"object"} }], "tool_choice": {{choice}}"""))).Json.At("content.0");

        Assert.Equal(expected, block.Has("name") ? block.TextAt("name") : block.TextAt("type"));
    }

    [Fact]
    public async Task ToolResult_InTheUsersTurn_IsTold()
    {
        var json = (await Ask($$$"""
            {"model":"claude-sonnet-4-5","max_tokens":100,"tools":[{{{Weather}}}],"messages":[{"role":"user","content":"The weather?"},
             {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"18 degrees"}]}]}]}
            """)).Json;

        Assert.Equal("[anthropic/claude-sonnet-4-5] The tool said: 18 degrees", json.TextAt("content.0.text"));
    }

    [Fact]
    public async Task StopSequence_Met_IsNamed()
    {
        var json = (await Ask(Body("one two", """, "stop_sequences": [" two"]"""))).Json;

        Assert.Equal(("stop_sequence", " two", "[anthropic/claude-sonnet-4-5] You said: one"), (json.TextAt("stop_reason"), json.TextAt("stop_sequence"), json.TextAt("content.0.text")));
    }

    [Fact]
    public async Task MaxTokens_Hit_Ends() => Assert.Equal("max_tokens", (await Ask(Body("x", """, "max_tokens": 2""", most: false))).Json.TextAt("stop_reason"));

    [Fact]
    public async Task CacheControl_OnALongPrompt_WritesThenReads()
    {
        var provider = new TestProvider("anthropic");
        var prompt = string.Join(' ', Enumerable.Range(0, 2000));
        var body = $$$"""{"model":"claude-sonnet-4-5","max_tokens":9,"system":[{"type":"text","text":"{{{prompt}}}","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"}]}""";
        async Task<(long, long, long)> UsageAsync()
        {
            var usage = (await provider.PostAsync("v1/messages", body, Version)).Json.At("usage");
            return (usage.NumberAt("input_tokens"), usage.NumberAt("cache_creation_input_tokens"), usage.NumberAt("cache_read_input_tokens"));
        }

        Assert.Equal((5, 2004, 0), await UsageAsync());
        Assert.Equal((5, 0, 2004), await UsageAsync());
    }

    [Fact]
    public async Task OutputFormat_JsonSchema_TextFitsIt()
    {
        var json = (await Ask(Body("Who?", """, "output_config": {"format":{"type":"json_schema","schema":{"type":"object","properties":{"n":{"const":5}},"required":["n"]}}}"""))).Json;

        Assert.Equal("""{"n":5}""", json.TextAt("content.0.text"));
    }

    [Fact]
    public async Task CountTokens_AsTheMessageReports()
    {
        var counted = await new TestProvider("anthropic").PostAsync("v1/messages/count_tokens", """{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"Hello there"}]}""", Version);

        Assert.Equal("""{"input_tokens":6}""", counted.Text);
    }

    [Fact]
    public async Task Models_ListAndOne()
    {
        var provider = new TestProvider("anthropic");

        var list = (await provider.GetAsync("v1/models")).Json;

        Assert.False(list.At("has_more").GetBoolean());
        Assert.Equal(list.TextAt("first_id"), list.TextAt("data.0.id"));
        Assert.Equal("model", (await provider.GetAsync("v1/models/claude-sonnet-4-5")).Json.TextAt("type"));
        Assert.Equal(404, (await provider.GetAsync("v1/models/unknown-x")).Status);
    }

    [Theory]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "model: Field required")]
    [InlineData("""{"model":"c","messages":[{"role":"user","content":"x"}]}""", "max_tokens: Field required")]
    [InlineData("""{"model":"c","max_tokens":0,"messages":[{"role":"user","content":"x"}]}""", "max_tokens: Input should be greater than or equal to 1")]
    [InlineData("""{"model":"c","max_tokens":9}""", "messages: Field required")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[]}""", "messages: at least one message is required")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":"x"}""", "messages: Input should be a valid list")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"system","content":"x"}]}""", "messages.0.role: Input should be 'user' or 'assistant'")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user"}]}""", "messages.0.content: Field required")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user","content":"x"}],"temperature":1.5}""", "temperature: Input should be less than or equal to 1")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"t"}]}""", "tools.0.input_schema: Field required")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"any"}}""", "tool_choice may only be specified while providing tools")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":1024}}""", "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.")]
    [InlineData("""{"model":"c","max_tokens":9,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":10}}""", "thinking.budget_tokens: Input should be greater than or equal to 1024")]
    public async Task Request_Wrong_400InItsWords(string body, string message)
    {
        var answer = await Ask(body);

        Assert.Equal((400, "error", "invalid_request_error", message), (answer.Status, answer.Json.TextAt("type"), answer.Json.TextAt("error.type"), answer.Json.TextAt("error.message")));
    }

    [Fact]
    public async Task Version_Missing_400() =>
        Assert.Equal("anthropic-version: header is required", (await new TestProvider("anthropic").PostAsync("v1/messages", Body("x"))).Json.TextAt("error.message"));

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("anthropic").PostAsync("v1/messages", body, Version);

    private static string Body(string text, string more = "", bool most = true) =>
        $$"""{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{(most ? ",\"max_tokens\":1000" : "")}}{{more}}}""";
}
