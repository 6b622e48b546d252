using System.ComponentModel;
using System.Text.Json;
using GatewayOps.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

[Trait("checklist", "S3-17")]
public sealed class TypedOutputTests(ClientStage stage) : IClassFixture<ClientStage>
{
    private const string Good = """{"sentiment":"positive","confidence":0.9,"keyPhrases":["love"]}""";

    [Description("Structured sentiment analysis result.")]
    public sealed record SentimentAnalysis(
        [property: Description("positive, negative, or neutral")] string Sentiment, [property: Description("0.0 to 1.0")] double Confidence, IReadOnlyList<string> KeyPhrases);

    public enum Colour { Red, Green }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("anthropic", "claude-sonnet-4-5")]
    [InlineData("mistral", "mistral-large")]
    [InlineData("cloudflare", "@cf/meta/llama-3.1-8b-instruct")]
    public async Task Emulator_GivesATypedObject_ByWhateverTheModelHas(string provider, string model)
    {
        await using var client = stage.Client(provider, model);
        var reply = await client.ChatAsync<SentimentAnalysis>("I absolutely love this product!", "Analyze the sentiment.", new ChatOptions { Temperature = 0.3f });
        Assert.NotNull(reply.Value.Sentiment);
        Assert.NotNull(reply.Value.KeyPhrases);
        Assert.Equal(1, reply.Usage.Turns);
    }

    [Fact, Trait("checklist", "S3-18")]
    public async Task Schema_HasTheDescriptions_AndIsExact()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says(Good));
        await using var client = gateway.Client();
        var reply = await client.ChatAsync<SentimentAnalysis>("x", options: new ChatOptions { Temperature = 0.3f });
        Assert.Equal(("positive", 0.9, "love"), (reply.Value.Sentiment, reply.Value.Confidence, reply.Value.KeyPhrases.Single()));
        var body = JsonSerializer.Deserialize<JsonElement>(gateway.Asked[0].Body);
        Assert.Equal("0.3", body.GetProperty("temperature").GetRawText());
        var format = body.GetProperty("response_format").GetProperty("json_schema");
        Assert.Equal(("SentimentAnalysis", "Structured sentiment analysis result.", true), (format.GetProperty("name").GetString(), format.GetProperty("description").GetString(), format.GetProperty("strict").GetBoolean()));
        var schema = format.GetProperty("schema");
        Assert.Equal("positive, negative, or neutral", schema.GetProperty("properties").GetProperty("sentiment").GetProperty("description").GetString());
        Assert.Equal((3, false), (schema.GetProperty("required").GetArrayLength(), schema.GetProperty("additionalProperties").GetBoolean()));
    }

    [Fact]
    public async Task WrongAnswer_IsCorrectedOnce_AndBothAreAccounted()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("It is lovely."), ScriptedGateway.Says($"```json\n{Good}\n```"));
        await using var client = gateway.Client();
        var reply = await client.ChatAsync<SentimentAnalysis>("x");
        Assert.Equal(("positive", 2, 28L), (reply.Value.Sentiment, reply.Usage.Turns, reply.Usage.TotalTokens));
        Assert.Contains("It is lovely.", gateway.Asked[1].Body);
        Assert.Contains("not valid", gateway.Asked[1].Body);
    }

    [Theory]
    [InlineData("I cannot do that, canary.")]
    [InlineData("""{"sentiment":null,"confidence":0.9,"keyPhrases":[]}""")]
    [InlineData("""{"sentiment":"x","confidence":"high","keyPhrases":[]}""")]
    [InlineData("""{"sentiment":"x"}""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task WrongTwice_IsATypedError_WithTheText(string said)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says(said));
        await using var client = gateway.Client();
        var failure = await Assert.ThrowsAsync<GatewayOutputException>(() => client.ChatAsync<SentimentAnalysis>("x"));
        Assert.Equal((said, typeof(SentimentAnalysis), 2, 28L), (failure.Text, failure.OutputType, gateway.Asked.Count, failure.Usage.TotalTokens));
        Assert.DoesNotContain("canary", failure.Message);
    }

    [Fact]
    public async Task ModelWithoutSchemas_IsAskedByAFunction()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("answer", Good)));
        await using var client = new GatewayChatClient(gateway.Options with { Provider = "anthropic", Model = "claude-3-haiku" });
        Assert.Equal("positive", (await client.ChatAsync<SentimentAnalysis>("x")).Value.Sentiment);
        Assert.Contains("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"answer\"}}", gateway.Asked[0].Body);
        Assert.DoesNotContain("response_format", gateway.Asked[0].Body);
    }

    [Fact]
    public async Task RefusedSchema_FallsBackToAFunction()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Error(400, "unsupported_parameter", "response_format of type json_schema is not supported"), ScriptedGateway.Calls(("answer", Good)));
        await using var client = gateway.Client();
        Assert.Equal("positive", (await client.ChatAsync<SentimentAnalysis>("x")).Value.Sentiment);
        await using var strict = await ScriptedGateway.StartAsync(ScriptedGateway.Error(400, "unsupported_parameter", "response_format is not supported"));
        await using var insisting = strict.Client();
        await Assert.ThrowsAsync<GatewayException>(() => insisting.ChatAsync<SentimentAnalysis>("x", mode: TypedOutputMode.Schema));
    }

    [Fact]
    public async Task ValuesThatAreNoObjects_AreWrapped()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("""{"value":[1,2]}"""), ScriptedGateway.Says("""{"value":"Green"}"""), ScriptedGateway.Says("""{"value":7}"""));
        await using var client = gateway.Client();
        var numbers = await client.ChatAsync<List<int>>("x");
        Assert.Equal([1, 2], numbers.Value);
        Assert.Equal(Colour.Green, (await client.ChatAsync<Colour>("x")).Value);
        Assert.Equal(7, (await client.ChatAsync<int>("x")).Value);
    }

    [Fact]
    public async Task CutAnswer_IsNotAskedForAgain()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Message(new { role = "assistant", content = "{\"sentiment\":" }, "length"));
        await using var client = gateway.Client();
        Assert.Contains("limit of tokens", (await Assert.ThrowsAsync<GatewayOutputException>(() => client.ChatAsync<SentimentAnalysis>("x"))).Message);
        Assert.Single(gateway.Asked);
    }

    [Fact]
    public async Task Functions_RunBeforeTheAnswer()
    {
        RequestDelegate[] script = [ScriptedGateway.Calls(("weather", "{}")), ScriptedGateway.Calls(("answer", Good))];
        await using var gateway = await ScriptedGateway.StartAsync(script);
        await using var client = gateway.Client();
        var ran = 0;
        var reply = await client.ChatAsync<SentimentAnalysis>("x", options: new ChatOptions { Tools = [GatewayTool.Function(() => ++ran, "weather")] }, mode: TypedOutputMode.Function);
        Assert.Equal(("positive", 1, 2), (reply.Value.Sentiment, ran, reply.Usage.Turns));
    }
}
