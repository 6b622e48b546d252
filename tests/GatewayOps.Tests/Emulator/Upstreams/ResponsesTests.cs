using System.Text.Json;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class ResponsesTests
{
    private const string Weather = """{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}""";

    [Fact]
    public async Task Create_Text_IsACompletedResponseWithAMessage()
    {
        var json = (await Ask("""{"model":"gpt-4o","input":"Hello there","instructions":"Be kind","metadata":{"k":"v"},"temperature":0.5}""")).Json;

        Assert.Equal(("response", "completed"), (json.TextAt("object"), json.TextAt("status")));
        Assert.Equal("[openai/gpt-4o] You said: Hello there", json.TextAt("output.0.content.0.text"));
        Assert.Equal(("message", "output_text", "assistant"), (json.TextAt("output.0.type"), json.TextAt("output.0.content.0.type"), json.TextAt("output.0.role")));
        Assert.Equal(("Be kind", "v", "0.5"), (json.TextAt("instructions"), json.TextAt("metadata.k"), json.At("temperature").GetRawText()));
        // Four for a turn: two of the instructions, two of the text.
        Assert.Equal((12, 6, 18), (json.NumberAt("usage.input_tokens"), json.NumberAt("usage.output_tokens"), json.NumberAt("usage.total_tokens")));
    }

    [Fact]
    public async Task Stream_Text_ExactSequence()
    {
        var answer = await Ask("""{"model":"gpt-4o","input":"Hi","stream":true}""");

        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.delta", "response.output_text.delta", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            answer.EventNames);
        Assert.Equal(answer.EventNames, answer.Events.Select(one => one.TextAt("type")));
        Assert.Equal(Enumerable.Range(0, 13), answer.Events.Select(one => (int)one.NumberAt("sequence_number")));
        Assert.DoesNotContain("[DONE]", answer.Text, StringComparison.Ordinal);
        Assert.Equal("[openai/gpt-4o] You said: Hi", string.Concat(answer.Events.Where(one => one.Has("delta")).Select(one => one.TextAt("delta"))));
        Assert.Equal("in_progress", answer.Events[0].TextAt("response.status"));
        Assert.Equal(JsonValueKind.Null, answer.Events[0].At("response.usage").ValueKind);
        Assert.Equal(("completed", 5), (answer.Events[^1].TextAt("response.status"), answer.Events[^1].NumberAt("response.usage.output_tokens")));
        Assert.Equal(answer.Events[2].TextAt("item.id"), answer.Events[5].TextAt("item_id"));
        Assert.Equal(answer.Events[2].TextAt("item.id"), answer.Events[^1].TextAt("response.output.0.id"));
    }

    [Fact]
    public async Task Stream_ThinkerThatCallsTwoTools_ExactSequence()
    {
        var answer = await Ask($$"""
            {"model":"gpt-5","input":"The weather and the time","stream":true,"reasoning":{"effort":"low","summary":"auto"},
             "tools":[{{Weather}},{"type":"function","name":"get_time"},{"type":"web_search"}]}
            """);

        var steps = answer.EventNames.Where((name, at) => at == 0 || name != answer.EventNames[at - 1]);
        Assert.Equal(
            [
                "response.created", "response.in_progress",
                "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
                "response.completed",
            ],
            steps);
        var response = answer.Events[^1].At("response");
        Assert.Equal(["reasoning", "function_call", "function_call"], response.At("output").EnumerateArray().Select(item => item.TextAt("type")));
        Assert.Equal([0L, 1, 2], answer.Events.Where(one => one.TextAt("type") == "response.output_item.done").Select(one => one.NumberAt("output_index")));
        Assert.Equal(("get_weather", """{"city":"city"}"""), (response.TextAt("output.1.name"), response.TextAt("output.1.arguments")));
        Assert.Equal(16, response.NumberAt("usage.output_tokens_details.reasoning_tokens"));
    }

    [Fact]
    public async Task Format_JsonSchema_TextFitsIt()
    {
        var json = (await Ask("""
            {"model":"gpt-4o","input":"Who?","text":{"format":{"type":"json_schema","name":"p","strict":true,
             "schema":{"type":"object","properties":{"age":{"type":"integer","minimum":18}},"required":["age"],"additionalProperties":false}}}}
            """)).Json;

        Assert.Equal("""{"age":18}""", json.TextAt("output.0.content.0.text"));
        Assert.Equal("json_schema", json.TextAt("text.format.type"));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "response.incomplete")]
    public async Task MaxOutputTokens_Hit_IsIncomplete(bool stream, string lastEvent)
    {
        var text = string.Join(' ', Enumerable.Range(0, 30));

        var answer = await Ask($$"""{"model":"gpt-4o","input":"{{text}}","max_output_tokens":16,"stream":{{(stream ? "true" : "false")}}}""");

        var response = stream ? answer.Events[^1].At("response") : answer.Json;
        Assert.Equal(("incomplete", "max_output_tokens", 16), (response.TextAt("status"), response.TextAt("incomplete_details.reason"), response.NumberAt("usage.output_tokens")));
        Assert.Equal(lastEvent, stream ? answer.EventNames[^1] : "");
    }

    [Fact]
    public async Task PreviousResponse_GoesOnFromTheWholeConversation()
    {
        var provider = new TestProvider("openai");
        var first = (await provider.PostAsync("responses", """{"model":"gpt-4o","input":"one two","instructions":"not inherited"}""")).Json;

        var second = (await provider.PostAsync("responses", $$"""{"model":"gpt-4o","input":"three","previous_response_id":"{{first.TextAt("id")}}"}""")).Json;
        var third = (await provider.PostAsync("responses", $$"""{"model":"gpt-4o","input":"four","previous_response_id":"{{second.TextAt("id")}}"}""")).Json;

        Assert.Equal("[openai/gpt-4o] You said: three", second.TextAt("output.0.content.0.text"));
        // "one two" is 6, the answer to it 6 and 4, "three" 5; then 5 and 4 for the answer and 5 for "four".
        Assert.Equal((21, 35), (second.NumberAt("usage.input_tokens"), third.NumberAt("usage.input_tokens")));
        Assert.Equal(first.TextAt("id"), second.TextAt("previous_response_id"));
    }

    [Fact]
    public async Task FunctionOutput_AfterTheCall_IsTold()
    {
        var provider = new TestProvider("openai");
        var first = (await provider.PostAsync("responses", $$"""{"model":"gpt-4o","input":"The weather?","tools":[{{Weather}}]}""")).Json;
        var call = first.TextAt("output.0.call_id");

        var second = (await provider.PostAsync("responses", $$"""
            {"model":"gpt-4o","tools":[{{Weather}}],"previous_response_id":"{{first.TextAt("id")}}","input":[{"type":"function_call_output","call_id":"{{call}}","output":"18 degrees"}]}
            """)).Json;

        Assert.StartsWith("call_", call, StringComparison.Ordinal);
        Assert.Equal("[openai/gpt-4o] The tool said: 18 degrees", second.TextAt("output.0.content.0.text"));
    }

    [Fact]
    public async Task Stored_IsReadListedAndDeleted()
    {
        var provider = new TestProvider("openai");
        var made = await provider.PostAsync("responses", """{"model":"gpt-4o","input":[{"role":"user","content":"Hello"},{"role":"user","content":[{"type":"input_text","text":"there"}]}]}""");
        var id = made.Json.TextAt("id")!;

        Assert.Equal(made.Text, (await provider.GetAsync($"responses/{id}")).Text);
        var items = (await provider.GetAsync($"responses/{id}/input_items")).Json;
        Assert.Equal(2, items.At("data").GetArrayLength());
        Assert.Equal(items.TextAt("first_id"), items.TextAt("data.0.id"));
        Assert.True((await provider.SendAsync("DELETE", $"responses/{id}", "", TestProvider.Key)).Json.At("deleted").GetBoolean());
        Assert.Equal(404, (await provider.GetAsync($"responses/{id}")).Status);
        Assert.Equal(404, (await provider.SendAsync("DELETE", $"responses/{id}", "", TestProvider.Key)).Status);
    }

    [Fact]
    public async Task Store_False_IsNotKept()
    {
        var provider = new TestProvider("openai");
        var id = (await provider.PostAsync("responses", """{"model":"gpt-4o","input":"x","store":false}""")).Json.TextAt("id");

        Assert.Equal(404, (await provider.GetAsync($"responses/{id}")).Status);
        var next = await provider.PostAsync("responses", $$"""{"model":"gpt-4o","input":"y","previous_response_id":"{{id}}"}""");
        Assert.Equal((400, "previous_response_not_found"), (next.Status, next.Json.TextAt("error.code")));
    }

    [Fact]
    public async Task Count_InputTokens_AsTheAnswerWouldReport()
    {
        var counted = await new TestProvider("openai").PostAsync("responses/input_tokens", """{"model":"gpt-4o","input":"Hello there"}""");

        Assert.Equal(("response.input_tokens", 6), (counted.Json.TextAt("object"), counted.Json.NumberAt("input_tokens")));
    }

    [Theory]
    [InlineData("""{"input":"x"}""", "model")]
    [InlineData("""{"model":"gpt-4o"}""", "input")]
    [InlineData("""{"model":"gpt-4o","input":7}""", "input")]
    [InlineData("""{"model":"gpt-4o","input":[{"role":"tool","content":"x"}]}""", "input[0].role")]
    [InlineData("""{"model":"gpt-4o","input":[{"type":"telepathy"}]}""", "input[0].type")]
    [InlineData("""{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"text2"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"model":"gpt-4o","input":[{"type":"function_call_output","output":"x"}]}""", "input[0].call_id")]
    [InlineData("""{"model":"gpt-4o","input":"x","tools":[{"type":"magic"}]}""", "tools[0].type")]
    [InlineData("""{"model":"gpt-4o","input":"x","tools":[{"type":"function"}]}""", "tools[0].name")]
    [InlineData("""{"model":"gpt-4o","input":"x","tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"model":"gpt-4o","input":"x","max_output_tokens":15}""", "max_output_tokens")]
    [InlineData("""{"model":"gpt-4o","input":"x","reasoning":{"effort":"some"}}""", "reasoning.effort")]
    [InlineData("""{"model":"gpt-4o","input":"x","text":{"format":{"type":"json_schema"}}}""", "text.format.name")]
    public async Task Request_Wrong_400NamesTheParameter(string body, string param)
    {
        var answer = await Ask(body);

        Assert.Equal((400, param), (answer.Status, answer.Json.TextAt("error.param")));
    }

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("openai").PostAsync("responses", body);
}
