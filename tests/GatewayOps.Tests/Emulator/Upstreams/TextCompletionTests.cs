namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class TextCompletionTests
{
    [Fact]
    public async Task Prompts_EachWithItsChoices()
    {
        var json = (await Ask("""{"model":"gpt-3.5-turbo-instruct","prompt":["one","two"],"n":2,"max_tokens":50,"logprobs":1}""")).Json;

        Assert.Equal("text_completion", json.TextAt("object"));
        Assert.Equal([0L, 1, 2, 3], json.At("choices").EnumerateArray().Select(one => one.NumberAt("index")));
        Assert.Equal("[openai/gpt-3.5-turbo-instruct #2] You said: two", json.TextAt("choices.3.text"));
        Assert.Equal(json.At("choices.0.logprobs.tokens").GetArrayLength(), json.At("choices.0.logprobs.token_logprobs").GetArrayLength());
        Assert.Equal(2, json.NumberAt("usage.prompt_tokens"));
    }

    [Fact]
    public async Task MaxTokens_Absent_IsSixteen()
    {
        var json = (await Ask($$"""{"model":"m","prompt":"{{string.Join(' ', Enumerable.Range(0, 30))}}"}""")).Json;

        Assert.Equal(("length", 16), (json.TextAt("choices.0.finish_reason"), json.NumberAt("usage.completion_tokens")));
    }

    [Fact]
    public async Task Stream_TextThenReasonThenUsageThenDone()
    {
        var answer = await Ask("""{"model":"m","prompt":"Hi","stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", answer.Data().Last());
        Assert.Equal("[openai/m] You said: Hi", string.Concat(answer.Events.SkipLast(1).Select(one => one.TextAt("choices.0.text"))));
        Assert.Equal(("stop", 1), (answer.Events[^2].TextAt("choices.0.finish_reason"), answer.Events[^1].NumberAt("usage.prompt_tokens")));
    }

    private static Task<ProviderAnswer> Ask(string body) => new TestProvider("openai").PostAsync("completions", body);
}
