using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.WorkersAi;

namespace GatewayOps.Tests.Cloudflare;

public sealed class WorkersAiClientTests
{
    private const string Llama = "@cf/meta/llama-3.1-8b-instruct";

    private static Answer Stream(string body) => new(200, body, ("Content-Type", "text/event-stream"));

    [Fact]
    public async Task Generate_OwnShape_IsReadAndThePathIsRaw()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(
            """{"response":"hello","usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"neurons":0.5},"tool_calls":[{"name":"weather","arguments":{"city":"Rome"}}]}"""));
        var answer = await stub.Client().WorkersAi.GenerateAsync(
            Llama, TextInput.OfUser("hi") with { MaxTokens = 5, Temperature = 0.5, Seed = 7, More = new JsonObject { ["options"] = new JsonObject { ["rejectIfBusy"] = true } } }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal(("hello", new ModelUsage(3, 1, 4, 0.5m)), (answer.Text, answer.Usage));
        Assert.Equal([new ToolCall("weather", """{"city":"Rome"}""")], answer.ToolCalls);
        Assert.Equal("/client/v4/accounts/acc/ai/run/@cf/meta/llama-3.1-8b-instruct", stub.Requests.Single().Target);
        Assert.Equal("""{"options":{"rejectIfBusy":true},"messages":[{"role":"user","content":"hi"}],"max_tokens":5,"temperature":0.5,"seed":7}""", stub.Requests.Single().Body);
    }

    [Theory]
    [InlineData("""{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hello","tool_calls":[{"id":"t","type":"function","function":{"name":"weather","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""", "hello")]
    [InlineData("""{"response":{"city":"Rome"},"tool_calls":[{"name":"weather","arguments":{}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""", """{"city":"Rome"}""")]
    [InlineData("""{"response":null,"tool_calls":[{"name":"weather","arguments":{}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""", "")]
    public async Task Generate_OtherShapes_MeanTheSame(string result, string text)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(result));
        var answer = await stub.Client().WorkersAi.GenerateAsync(Llama, TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None);
        Assert.Equal((text, 4L), (answer.Text, answer.Usage!.TotalTokens));
        Assert.Equal([new ToolCall("weather", "{}")], answer.ToolCalls);
    }

    [Fact]
    public async Task Generate_PromptAndMessagesOrNeither_IsRefused()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("{}"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => stub.Client().WorkersAi.GenerateAsync(Llama, new TextInput(), RunOptions.Direct, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => stub.Client().WorkersAi.GenerateAsync(Llama, TextInput.OfUser("a") with { Prompt = "b" }, RunOptions.Direct, CancellationToken.None));
    }

    [Fact]
    public async Task Run_ThroughAGateway_TellsItInHeaders()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"response":"x"}"""));
        var options = new RunOptions
        {
            GatewayId = "gw",
            SkipCache = true,
            CacheTtl = TimeSpan.FromMinutes(5),
            CacheKey = "k",
            CollectLog = false,
            EventId = "e",
            FirstByteWithin = TimeSpan.FromSeconds(1.5),
            Metadata = new Dictionary<string, JsonValue> { ["team"] = JsonValue.Create("é"), ["n"] = JsonValue.Create(1) },
        };
        await stub.Client().WorkersAi.RunAsync(Llama, new JsonObject { ["prompt"] = "hi" }, options, CancellationToken.None);
        var headers = stub.Requests.Single().Headers;
        Assert.Equal(["gw", "true", "300", "k", "false", "e", "1500", """{"team":"\u00E9","n":1}"""],
            new[] { "gateway-id", "skip-cache", "cache-ttl", "cache-key", "collect-log", "event-id", "request-timeout", "metadata" }.Select(name => headers["cf-aig-" + name]));
    }

    [Fact]
    public async Task Run_HeaderWithALineBreak_IsRefusedUnsent()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("{}"));
        await Assert.ThrowsAsync<FormatException>(() => stub.Client().WorkersAi.RunAsync(Llama, [], new RunOptions { CacheKey = "a\r\nX-Injected: 1" }, CancellationToken.None));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task Stream_ToItsEnd_GivesThePiecesAndTheUsage()
    {
        await using var stub = await StubCloudflare.StartAsync(Stream(
            "data: {\"response\":\"he\",\"p\":\"abc\"}\r\n\r\ndata: {\"response\":\"llo\"}\n\n: comment\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"!\"},\"finish_reason\":\"stop\"}]}\n\n"
            + "data: {\"response\":\"\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n"));
        var chunks = await stub.Client().WorkersAi.StreamAsync(Llama, TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None).AllAsync();
        Assert.Equal("hello!", string.Concat(chunks.Select(chunk => chunk.Text)));
        Assert.Equal(5, chunks[^1].Usage!.TotalTokens);
        Assert.Equal("""{"prompt":"hi","stream":true}""", stub.Requests.Single().Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: {\"response\":\"he\"}\n\n")]
    [InlineData("data: {\"response\":\"he\"}\n\ndata: {\"response\":\"\",\"usage\":{}}\n\n")]
    public async Task Stream_WithoutItsEnd_IsBrokenOffAndNeverRepeated(string body)
    {
        await using var stub = await StubCloudflare.StartAsync(Stream(body));
        var failure = await stub.Client().WorkersAi.StreamAsync(Llama, TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None).AllAsync().FailureAsync();
        Assert.Equal((CloudflareErrorKind.Network, true), (failure.Kind, failure.IsTransient));
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData("data: {\"errors\":[{\"code\":3040,\"message\":\"Out of capacity\"}]}\n\n", CloudflareErrorKind.RateLimited)]
    [InlineData("data: {\"error\":{\"message\":\"bad\"}}\n\n", CloudflareErrorKind.Validation)]
    [InlineData("data: not json\n\n", CloudflareErrorKind.Protocol)]
    public async Task Stream_FailureWithinIt_IsTold(string body, CloudflareErrorKind kind)
    {
        await using var stub = await StubCloudflare.StartAsync(Stream("data: {\"response\":\"he\"}\n\n" + body));
        var chunks = new List<string>();
        var failure = await Assert.ThrowsAsync<CloudflareException>(async () =>
        {
            await foreach (var chunk in stub.Client().WorkersAi.StreamAsync(Llama, TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None)) chunks.Add(chunk.Text);
        });
        Assert.Equal((kind, "he"), (failure.Kind, string.Concat(chunks)));
    }

    [Fact]
    public async Task Stream_LineWithoutEnd_IsNotCollectedForEver()
    {
        await using var stub = await StubCloudflare.StartAsync(Stream("data: " + new string('x', 2_000_000)));
        Assert.Equal(CloudflareErrorKind.Protocol, (await stub.Client().WorkersAi.StreamAsync(Llama, TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None).AllAsync().FailureAsync()).Kind);
    }

    [Fact]
    public async Task Stream_RefusedBeforeItBegins_IsAnOrdinaryFailure()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(400, """{"errors":[{"message":"AiError: No such model","code":5007}],"success":false,"result":{},"messages":[]}"""));
        var failure = await stub.Client().WorkersAi.StreamAsync("@cf/none", TextInput.OfPrompt("hi"), RunOptions.Direct, CancellationToken.None).AllAsync().FailureAsync();
        Assert.Equal((CloudflareErrorKind.NotFound, 400), (failure.Kind, failure.Status));
    }

    [Fact]
    public async Task Run_ServerFails_IsNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(502, ""));
        Assert.Equal(CloudflareErrorKind.Server, (await stub.Client().WorkersAi.RunAsync(Llama, new JsonObject { ["prompt"] = "hi" }, RunOptions.Direct, CancellationToken.None).FailureAsync()).Kind);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Run_DayIsUsedUp_IsNeitherRepeatedNorHeldAgainstOthers()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(429, 3036, "you have used up your daily free allocation of 10,000 neurons"), Answer.Ok("""{"response":"x"}"""));
        var workersAi = stub.Client().WorkersAi;
        var failure = await workersAi.RunAsync(Llama, new JsonObject { ["prompt"] = "hi" }, RunOptions.Direct, CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.RateLimited, false), (failure.Kind, failure.IsTransient));
        await workersAi.RunAsync(Llama, new JsonObject { ["prompt"] = "hi" }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal(stub.Requests[0].At, stub.Requests[1].At);
    }

    [Fact]
    public async Task RunBinary_Bytes_AreHandedOverWithTheirType()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, "\u0001PNG", ("Content-Type", "image/png")));
        var output = await stub.Client().WorkersAi.RunBinaryAsync("@cf/black-forest-labs/flux", new JsonObject { ["prompt"] = "a cat" }, RunOptions.Direct, CancellationToken.None);
        Assert.Equal(("image/png", 4), (output.ContentType, output.Bytes.Length));
    }

    [Fact]
    public async Task Embed_Texts_AreVectorsInTheirOrder()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"shape":[2,2],"data":[[0.5,1],[-1,0]],"pooling":"mean"}"""), Answer.Ok("{}"));
        var embeddings = await stub.Client().WorkersAi.EmbedAsync("@cf/baai/bge-base-en-v1.5", ["a", "b"], RunOptions.Direct, CancellationToken.None);
        Assert.Equal([0.5f, 1, -1, 0], embeddings.Vectors.SelectMany(vector => vector));
        Assert.Equal("""{"text":["a","b"]}""", stub.Requests[0].Body);
        Assert.Equal(CloudflareErrorKind.Protocol, (await stub.Client().WorkersAi.EmbedAsync("@cf/baai/bge-base-en-v1.5", ["a"], RunOptions.Direct, CancellationToken.None).FailureAsync()).Kind);
    }

    [Theory]
    [InlineData("""{"state":"Completed","result":{"x":1},"provider":"openai","model":"gpt-5-mini"}""", true, null)]
    [InlineData("""{"x":1}""", true, null)]
    [InlineData("""{"state":"Failed","provider":"openai","model":"gpt-5-mini","error":{"code":2005,"message":"no answer"}}""", false, "no answer")]
    public async Task RunAny_State_SaysWhetherThereIsAResult(string result, bool completed, string? error)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(result));
        var run = await stub.Client().WorkersAi.RunAnyAsync("openai/gpt-5-mini", new JsonObject { ["messages"] = new JsonArray() }, new RunOptions { GatewayId = "gw" }, CancellationToken.None);
        Assert.Equal((completed, error), (run.Completed, run.Error?.Message));
        if (completed) Assert.Equal(1, run.Result.GetProperty("x").GetInt32());
        Assert.Equal("""POST ai/run {"model":"openai/gpt-5-mini","input":{"messages":[]}}""", stub.Asked);
    }

    [Fact]
    public async Task Batch_QueuedAndWaitedFor_HasItsOutputsByReference()
    {
        await using var stub = await StubCloudflare.StartAsync(
            Answer.Ok("""{"status":"queued","request_id":"r1","model":"m"}"""), Answer.Ok("""{"status":"queued"}"""), Answer.Ok("""{"status":"running"}"""),
            Answer.Ok("""{"responses":[{"id":0,"result":{"response":"x"},"success":true,"external_reference":"a"},{"id":1,"success":false,"external_reference":"b"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"""));
        var workersAi = stub.Client().WorkersAi;
        var ticket = await workersAi.QueueAsync(Llama, [new("a", new JsonObject { ["prompt"] = "1" }), new("b", new JsonObject { ["prompt"] = "2" })], CancellationToken.None);
        var done = await stub.Clock.RunAsync(workersAi.WaitAsync(Llama, ticket.RequestId, TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal([("a", true), ("b", false)], done!.Outputs!.Select(output => (output.Reference, output.Success)));
        Assert.Equal(2, done.Usage!.TotalTokens);
        Assert.Equal($$"""POST ai/run/{{Llama}}?queueRequest=true {"requests":[{"prompt":"1","external_reference":"a"},{"prompt":"2","external_reference":"b"}]}""", stub.Requests[0].ToString());
        Assert.Equal($$"""POST ai/run/{{Llama}}?queueRequest=true {"request_id":"r1"}""", stub.Requests[1].ToString());
        Assert.Equal([0.5, 1], stub.Requests.Skip(1).Zip(stub.Requests.Skip(2), (earlier, later) => (later.At - earlier.At).TotalSeconds));
    }

    [Fact]
    public async Task Batch_NotDoneInTime_IsNullAndNothingIsLost()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"status":"running"}"""));
        Assert.Null(await stub.Clock.RunAsync(stub.Client().WorkersAi.WaitAsync(Llama, "r1", TimeSpan.FromSeconds(5), CancellationToken.None)));
    }

    [Theory]
    [InlineData("exploded", null, CloudflareErrorKind.Protocol)]
    [InlineData("warming", "warming", null)]
    public async Task Batch_StateThatIsNoneOfTheAssumed_IsNotWaitedFor(string status, string? assumed, CloudflareErrorKind? kind)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok($$"""{"status":"{{status}}"}"""));
        var workersAi = stub.Client(options => assumed is null ? options : options with { Assumptions = new() { BatchPending = [assumed] } }).WorkersAi;
        if (kind is null) Assert.Equal(status, (await workersAi.PollAsync(Llama, "r1", CancellationToken.None)).Status);
        else Assert.Equal(kind, (await workersAi.PollAsync(Llama, "r1", CancellationToken.None).FailureAsync()).Kind);
    }

    [Fact]
    public async Task Models_Query_GoesToTheEnd()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""[{"id":"u","name":"@cf/meta/llama","description":"d","task":{"name":"Text Generation"}}]"""), Answer.Ok("[]"));
        var models = await stub.Client().WorkersAi.Models.ListAsync(new ModelQuery { Task = "Text Generation", Author = "meta", Source = 1, Search = "l", HideExperimental = true, IncludeDeprecated = false }, CancellationToken.None).AllAsync();
        Assert.Equal(("@cf/meta/llama", "Text Generation"), (models.Single().Name, (string?)models[0].Fields["task"]!["name"]));
        Assert.Equal("GET ai/models/search?page=1&per_page=50&task=Text Generation&author=meta&source=1&search=l&hide_experimental=true&include_deprecated=false", stub.Requests[0].ToString());
    }

    [Fact]
    public async Task Catalogue_SchemaTasksAuthorsAndOpenRouter_AreRead()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Target switch
        {
            var target when target.Contains("schema?model=%40cf%2Fnone", StringComparison.Ordinal) => Answer.Error(404, 3042, "no such model"),
            var target when target.Contains("schema", StringComparison.Ordinal) => Answer.Ok("""{"input":{"type":"object"},"output":{"type":"string"}}"""),
            var target when target.Contains("format=openrouter", StringComparison.Ordinal) => new(200, """{"data":[{"id":"x"}]}"""),
            _ => Answer.Ok("""[{"id":"i","name":"n"}]"""),
        });
        var models = stub.Client().WorkersAi.Models;
        Assert.Equal("object", (string?)(await models.FindSchemaAsync(Llama, CancellationToken.None))!.Input["type"]);
        Assert.Null(await models.FindSchemaAsync("@cf/none", CancellationToken.None));
        Assert.Equal("n", Assert.Single(await models.ListTasksAsync(CancellationToken.None).AllAsync()).Name);
        Assert.Equal("n", Assert.Single(await models.ListAuthorsAsync(CancellationToken.None).AllAsync()).Name);
        Assert.Equal(1, (await models.OpenRouterAsync(new ModelQuery(), CancellationToken.None)).GetProperty("data").GetArrayLength());
        Assert.Equal(["GET ai/tasks/search", "GET ai/authors/search", "GET ai/models/search?format=openrouter"], stub.Requests.Skip(2).Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task OpenAi_Answers_HaveNoEnvelope()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"id":"x","object":"chat.completion"}"""), new Answer(400, """{"error":{"message":"no such model","type":"invalid_request_error"}}"""));
        var openAi = stub.Client().WorkersAi.OpenAi;
        Assert.Equal("x", (await openAi.ChatCompletionAsync(new JsonObject { ["model"] = Llama }, new RunOptions { GatewayId = "gw" }, CancellationToken.None)).GetProperty("id").GetString());
        Assert.Contains("no such model", (await openAi.EmbeddingsAsync(new JsonObject { ["model"] = "none" }, RunOptions.Direct, CancellationToken.None).FailureAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(["POST ai/v1/chat/completions", "POST ai/v1/embeddings"], stub.Requests.Select(seen => seen.ToString().Split(' ')[..2]).Select(parts => string.Join(' ', parts)));
    }

    [Theory]
    [InlineData("chat", "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", 1)]
    [InlineData("response", "event: response.created\ndata: {\"type\":\"response.created\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\"}\n\n", 2)]
    [InlineData("message", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 2)]
    public async Task OpenAi_Streams_EndWithTheirOwnLastEvent(string surface, string body, int events)
    {
        await using var whole = await StubCloudflare.StartAsync(Stream(body));
        Assert.Equal(events, (await Open(whole).AllAsync()).Count);
        await using var cut = await StubCloudflare.StartAsync(Stream(body[..(body.TrimEnd().LastIndexOf("\n\n", StringComparison.Ordinal) + 2)]));
        Assert.Equal(CloudflareErrorKind.Network, (await Open(cut).AllAsync().FailureAsync()).Kind);

        IAsyncEnumerable<System.Text.Json.JsonElement> Open(StubCloudflare stub)
        {
            var (openAi, asked) = (stub.Client().WorkersAi.OpenAi, new JsonObject { ["model"] = Llama });
            return surface switch
            {
                "chat" => openAi.StreamChatCompletionAsync(asked, RunOptions.Direct, CancellationToken.None),
                "response" => openAi.StreamResponseAsync(asked, RunOptions.Direct, CancellationToken.None),
                _ => openAi.StreamMessageAsync(asked, RunOptions.Direct, CancellationToken.None),
            };
        }
    }
}
