using System.Text;
using GatewayOps.ControlPlane.Proxy;

namespace GatewayOps.Tests.Proxy;

/// <summary>A model that was asked for by an alias is answered by that name, plain and streamed. Source: checklist S2-37.</summary>
public sealed class RenamedModelTests(StageFixture shared) : IClassFixture<StageFixture>
{
    [Theory]
    [InlineData("""{"id":"a", "model" : "gpt-4-0613","choices":[{"model":"x"}]}""", """{"id":"a", "model" : "gpt4","choices":[{"model":"x"}]}""")]
    [InlineData("""{"type":"response.created","response":{"model":"gpt-4"}}""", """{"type":"response.created","response":{"model":"gpt4"}}""")]
    [InlineData("""{"type":"message_start","message":{"id":1,"model":"gpt-4"}}""", """{"type":"message_start","message":{"id":1,"model":"gpt4"}}""")]
    [InlineData("""{"other":{"model":"gpt-4"}}""", """{"other":{"model":"gpt-4"}}""")]
    [InlineData("""{"model":null}""", """{"model":null}""")]
    [InlineData("not json", "not json")]
    public void In_ReplacesTheModelOfTheAnswerAlone(string answer, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(RenamedModel.In(Encoding.UTF8.GetBytes(answer), "gpt4").Span));

    [Theory]
    [InlineData("""{"model":"m","choices":[]}""", "data: {\"model\":\"gpt4\",\"choices\":[]}\n\n")]
    [InlineData("""{"type":"message_start","message":{"model":"m"}}""", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"gpt4\"}}\n\n")]
    [InlineData("{\n  \"model\": \"m\",\n  \"choices\": []\n}", "data: {\ndata:   \"model\": \"gpt4\",\ndata:   \"choices\": []\ndata: }\n\n")]
    [InlineData("{\n\"type\":\"ping\"}", "event: ping\ndata: {\ndata: \"type\":\"ping\"}\n\n")]
    public void Event_IsWhole(string data, string expected) => Assert.Equal(expected, Encoding.UTF8.GetString(RenamedModel.Event(Encoding.UTF8.GetBytes(data), "gpt4")));

    [Theory, Trait("checklist", "S2-37")]
    [InlineData("gpt4", "openai")]
    [InlineData("gpt3", "openai")]
    [InlineData("gpt-3.5", "openai")]
    [InlineData("llama4", "workers-ai")]
    [InlineData("llama-4-scout", "workers-ai")]
    [InlineData("default", "workers-ai")]
    public async Task Alias_NamesTheAnswer(string alias, string provider)
    {
        var whole = await shared.Stage.ChatAsync(more: new { model = alias });
        var streamed = await shared.Stage.ChatAsync(more: new { model = alias, stream = true });

        Assert.Equal((provider, alias), (whole["x-gatewayops-provider"], whole.Json.GetProperty("model").GetString()));
        Assert.Contains($"\"model\":\"{alias}\"", streamed.Text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(streamed.Text.Split('\n'), line => line.Contains("\"model\":", StringComparison.Ordinal) && !line.Contains($"\"model\":\"{alias}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OtherName_IsLeftToTheProvider() => Assert.StartsWith("gpt-4o-mini", (await shared.Stage.ChatAsync()).Json.GetProperty("model").GetString(), StringComparison.Ordinal);
}
