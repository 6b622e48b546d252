using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.WorkersAi;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class WorkersAiContractTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Llama = "@cf/meta/llama-3.1-8b-instruct";

    private readonly WorkersAiClient _workersAi = fixture.Emulator.Client().WorkersAi;

    [Fact]
    public async Task Generate_PromptAndMessages_AreAnsweredWithTheirUsage()
    {
        foreach (var input in (TextInput[])[TextInput.OfPrompt("hello there"), TextInput.OfUser("hello there")])
        {
            var answer = await _workersAi.GenerateAsync(Llama, input, RunOptions.Direct, CancellationToken.None);
            Assert.NotEmpty(answer.Text);
            Assert.Equal(answer.Usage!.TotalTokens, answer.Usage.PromptTokens + answer.Usage.CompletionTokens);
        }
    }

    [Fact]
    public async Task Stream_OfTheSameInput_IsTheSameTextInPieces()
    {
        var whole = await _workersAi.GenerateAsync(Llama, TextInput.OfUser("one two three four five"), RunOptions.Direct, CancellationToken.None);
        var chunks = await _workersAi.StreamAsync(Llama, TextInput.OfUser("one two three four five"), RunOptions.Direct, CancellationToken.None).AllAsync();
        Assert.Equal(whole.Text, string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.True(chunks.Count > 2);
        Assert.Equal(whole.Usage!.TotalTokens, chunks.Last(chunk => chunk.Usage is not null).Usage!.TotalTokens);
    }

    [Fact]
    public async Task Generate_ToolsAndSchemas_AreFollowed()
    {
        var tool = JsonNode.Parse("""{"type":"function","function":{"name":"get_weather","description":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""")!.AsObject();
        var called = await _workersAi.GenerateAsync("@cf/meta/llama-3.3-70b-instruct-fp8-fast", TextInput.OfUser("what is the weather?") with { Tools = [tool] }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal("get_weather", Assert.Single(called.ToolCalls).Name);
        Assert.True(JsonDocument.Parse(called.ToolCalls[0].Arguments).RootElement.TryGetProperty("city", out _));

        var format = JsonNode.Parse("""{"type":"json_schema","json_schema":{"type":"object","properties":{"answer":{"type":"integer"}},"required":["answer"]}}""")!.AsObject();
        var json = await _workersAi.GenerateAsync(Llama, TextInput.OfUser("answer") with { ResponseFormat = format }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal(JsonValueKind.Number, JsonDocument.Parse(json.Text).RootElement.GetProperty("answer").ValueKind);
    }

    [Fact]
    public async Task Embed_TwoTexts_AreTwoVectorsOfOneLength()
    {
        var embeddings = await _workersAi.EmbedAsync("@cf/baai/bge-base-en-v1.5", ["a", "b"], RunOptions.Direct, CancellationToken.None);
        Assert.Equal(2, embeddings.Vectors.Count);
        Assert.Single(embeddings.Vectors.Select(vector => vector.Count).Distinct());
        Assert.NotEqual(embeddings.Vectors[0], embeddings.Vectors[1]);
    }

    [Fact]
    public async Task Run_UnknownModel_IsNotFoundWithItsCode()
    {
        var failure = await _workersAi.RunAsync("@cf/nobody/nothing", new JsonObject { ["prompt"] = "hi" }, RunOptions.Direct, CancellationToken.None).FailureAsync();
        Assert.Equal(CloudflareErrorKind.NotFound, failure.Kind);
        Assert.Contains(5007, failure.Codes);
        var streamed = await _workersAi.StreamAsync("@cf/nobody/nothing", TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None).AllAsync().FailureAsync();
        Assert.Equal(CloudflareErrorKind.NotFound, streamed.Kind);
    }

    [Fact]
    public async Task Run_ThroughAGateway_IsInItsLog()
    {
        await fixture.Emulator.CreateGatewayAsync("ai-runs");
        var run = await _workersAi.RunAnyAsync(Llama, new JsonObject { ["prompt"] = "hi" }, new RunOptions { GatewayId = "ai-runs", Metadata = new Dictionary<string, JsonValue> { ["team"] = JsonValue.Create("core") } }, CancellationToken.None);
        Assert.True(run.Completed, run.Error?.Message);
        var entry = Assert.Single(await fixture.Emulator.Client().Logs.ListAsync("ai-runs", new(), CancellationToken.None).AllAsync());
        Assert.Equal(("workers-ai", "core"), (entry.Provider, entry.Metadata["team"]));
    }

    [Fact]
    public async Task Batch_QueuedAndWaitedFor_IsAnsweredByReference()
    {
        var ticket = await _workersAi.QueueAsync(Llama, [new("a", new JsonObject { ["prompt"] = "one" }), new("b", new JsonObject { ["prompt"] = "two" })], CancellationToken.None);
        Assert.Equal("queued", ticket.Status);
        var done = await _workersAi.WaitAsync(Llama, ticket.RequestId, TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.Equal([("a", true), ("b", true)], done!.Outputs!.Select(output => (output.Reference, output.Success)).OrderBy(output => output.Reference));
    }

    [Fact]
    public async Task Models_Catalogue_IsSearchedAndDescribed()
    {
        var all = await _workersAi.Models.ListAsync(new ModelQuery(), CancellationToken.None).AllAsync();
        Assert.Contains(all, model => model.Name == Llama);
        Assert.Equal(all.Count, all.Select(model => model.Name).Distinct().Count());
        var found = await _workersAi.Models.ListAsync(new ModelQuery { Search = "bge-base" }, CancellationToken.None).AllAsync();
        Assert.All(found, model => Assert.Contains("bge-base", model.Name, StringComparison.Ordinal));
        Assert.NotEmpty(found);
        Assert.NotNull(await _workersAi.Models.FindSchemaAsync(Llama, CancellationToken.None));
        Assert.Null(await _workersAi.Models.FindSchemaAsync("@cf/nobody/nothing", CancellationToken.None));
        Assert.NotEmpty(await _workersAi.Models.ListTasksAsync(CancellationToken.None).AllAsync());
        Assert.NotEmpty(await _workersAi.Models.ListAuthorsAsync(CancellationToken.None).AllAsync());
        Assert.NotEqual(0, (await _workersAi.Models.OpenRouterAsync(new ModelQuery(), CancellationToken.None)).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task OpenAi_ChatEmbeddingsAndStreams_AreOpenAis()
    {
        var body = new JsonObject { ["model"] = Llama, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "one two three" }) };
        var chat = await _workersAi.OpenAi.ChatCompletionAsync(body, RunOptions.Direct, CancellationToken.None);
        var text = chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
        var chunks = await _workersAi.OpenAi.StreamChatCompletionAsync(body, RunOptions.Direct, CancellationToken.None).AllAsync();
        Assert.Equal(text, string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "")));
        var embeddings = await _workersAi.OpenAi.EmbeddingsAsync(new JsonObject { ["model"] = "@cf/baai/bge-base-en-v1.5", ["input"] = "a" }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal(1, embeddings.GetProperty("data").GetArrayLength());
    }
}
