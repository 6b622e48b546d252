using System.Text.Json;
using GatewayOps.Tests.Emulator.DataPlane;
using GatewayOps.Tests.Emulator.Upstreams;
using static GatewayOps.Tests.Emulator.WorkersAi.AiCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

/// <summary>The slug `workers-ai` on the gateway's own addresses.</summary>
public sealed class GatewayPathTests
{
    [Theory]
    [InlineData("workers-ai/@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("workers-ai/@cf%2Fmeta%2Fllama-3.1-8b-instruct")]
    [InlineData("workers-ai/run/@cf/meta/llama-3.1-8b-instruct")]
    public async Task Run_ByModel_AnswersAndLogsTokens(string path)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync(path, """{"prompt":"Hi"}""");

        Assert.EndsWith("You said: Hi", answer.Json.TextAt("result.response"), StringComparison.Ordinal);
        var row = Assert.Single(gateway.Logs);
        Assert.Equal((Llama, 5L, answer.Json.NumberAt("result.usage.completion_tokens")), (row.Model, row.TokensIn, row.TokensOut));
        Assert.Equal(answer.Json.At("result.usage.neurons").GetDouble(), row.Neurons!.Value, 3);
    }

    [Theory]
    [InlineData("workers-ai/v1/chat/completions", Llama)]
    [InlineData("compat/chat/completions", "workers-ai/" + Llama)]
    public async Task Chat_InOpenAisDialect_Answers(string path, string model)
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Equal($"[workers-ai/{Llama}] You said: Hello there", (await gateway.PostAsync(path, TestGateway.Chat(model: model))).Content);
    }

    [Fact]
    public async Task Embeddings_InOpenAisDialect_Answers()
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Equal(768, (await gateway.PostAsync("workers-ai/v1/embeddings", $$"""{"model":"{{Bge}}","input":"one"}""")).Json.At("data.0.embedding").GetArrayLength());
    }

    [Theory]
    [InlineData("workers-ai/@cf/no/such", """{"prompt":"x"}""", 400, 5007)]
    [InlineData("workers-ai/@cf/meta/llama-3.1-8b-instruct", "{}", 400, 5006)]
    [InlineData("workers-ai/v1/chat/completions", """{"model":"@cf/no/such","messages":[{"role":"user","content":"x"}]}""", 400, 5007)]
    public async Task Failure_HasTheGatewaysShape(string path, string body, int status, int code)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync(path, body);

        Assert.Equal((status, "AiError", code, status), (answer.Status, answer.Json.TextAt("name"), answer.Json.NumberAt("internalCode"), answer.Json.NumberAt("httpCode")));
        Assert.Contains(answer.Json.TextAt("description")!, answer.Json.TextAt("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ByModel_TokensAreThoseOfTheUsageEvent()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync($"workers-ai/{Newer}", """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        Assert.EndsWith("data: [DONE]\n\n", answer.Text, StringComparison.Ordinal);
        while (gateway.Logs.Count == 0)
            await Task.Yield();
        var usage = answer.Text.Split("data: ").Select(data => data.Trim()).Where(data => data.StartsWith("{\"response\"", StringComparison.Ordinal)).Select(data => JsonSerializer.Deserialize<JsonElement>(data)).Single();
        Assert.Equal(usage.NumberAt("usage.completion_tokens"), gateway.Logs[0].TokensOut);
    }

    [Fact]
    public async Task Credential_Missing_401()
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Equal((401, 10000), await gateway.PostAsync($"workers-ai/{Llama}", """{"prompt":"x"}""", key: null) is var no ? (no.Status, no.Json.NumberAt("errors.0.code")) : default);
    }
}
