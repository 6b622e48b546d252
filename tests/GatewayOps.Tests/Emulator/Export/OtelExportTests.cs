using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.DataPlane;

namespace GatewayOps.Tests.Emulator.Export;

public sealed class OtelExportTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "b7ad6b7169203331";

    private static readonly EmulatorOptions AtOnce = new() { ExportRetryDelay = TimeSpan.Zero };

    [Fact]
    public async Task Json_Request_IsASpanInTheCallersTrace()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(new { url = receiver.Url + "/v1/traces?team=a", headers = new { x_api_key = "k-1" } });

        var answer = await gateway.ChatAsync("Hello there", $"cf-aig-otel-trace-id: {Trace}", $"cf-aig-otel-parent-span-id: {Parent}",
            """cf-aig-metadata: {"team":"research","seats":12,"share":0.5,"beta":true,"gen_ai.system":"mine"}""");
        var delivery = await receiver.NextAsync();

        Assert.Equal(("/v1/traces", "application/json", "k-1"), (delivery.Path, delivery.Headers["content-type"], delivery.Headers["x_api_key"]));
        var resource = JsonSerializer.Deserialize<JsonElement>(delivery.Body).GetProperty("resourceSpans")[0];
        Assert.Equal("ai-gateway", Attributes(resource.GetProperty("resource"))["service.name"].GetProperty("stringValue").GetString());
        var span = Assert.Single(resource.GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray());
        Assert.Equal((Trace, Parent, "cf.aig.request", 3), (span.GetProperty("traceId").GetString(), span.GetProperty("parentSpanId").GetString(), span.GetProperty("name").GetString(), span.GetProperty("kind").GetInt32()));
        Assert.Matches("^[0-9a-f]{16}$", span.GetProperty("spanId").GetString());

        var row = Assert.Single(gateway.Logs);
        Assert.Equal(row.CreatedAt.ToUnixTimeMilliseconds(), long.Parse(span.GetProperty("startTimeUnixNano").GetString()!) / 1_000_000);
        Assert.Equal(row.Duration * 1_000_000, long.Parse(span.GetProperty("endTimeUnixNano").GetString()!) - long.Parse(span.GetProperty("startTimeUnixNano").GetString()!));
        var attributes = Attributes(span);
        Assert.Equal("openai", attributes["gen_ai.provider.name"].GetProperty("stringValue").GetString());
        Assert.Equal("openai", attributes["gen_ai.model.provider"].GetProperty("stringValue").GetString());
        Assert.Equal("gpt-4o-mini", attributes["gen_ai.request.model"].GetProperty("stringValue").GetString());
        Assert.Equal("chat", attributes["gen_ai.operation.name"].GetProperty("stringValue").GetString());
        Assert.Equal(row.TokensIn.ToString(), attributes["gen_ai.usage.input_tokens"].GetProperty("intValue").GetString());
        Assert.Equal(row.TokensOut.ToString(), attributes["gen_ai.usage.output_tokens"].GetProperty("intValue").GetString());
        Assert.Equal((double)row.Cost, attributes["gen_ai.usage.cost"].GetProperty("doubleValue").GetDouble());
        Assert.Equal("""[{"role":"user","content":"Hello there"}]""", attributes["gen_ai.prompt_json"].GetProperty("stringValue").GetString());
        Assert.Equal("""[{"role":"user","content":"Hello there"}]""", attributes["gen_ai.input.messages"].GetProperty("stringValue").GetString());
        Assert.True(JsonElement.DeepEquals(answer.Json, JsonSerializer.Deserialize<JsonElement>(attributes["gen_ai.completion_json"].GetProperty("stringValue").GetString()!)));
        Assert.Equal(answer.Content, JsonSerializer.Deserialize<JsonElement>(attributes["gen_ai.output.messages"].GetProperty("stringValue").GetString()!)[0].GetProperty("content").GetString());
        Assert.Equal("research", attributes["team"].GetProperty("stringValue").GetString());
        Assert.Equal("12", attributes["seats"].GetProperty("intValue").GetString());
        Assert.Equal(0.5, attributes["share"].GetProperty("doubleValue").GetDouble());
        Assert.True(attributes["beta"].GetProperty("boolValue").GetBoolean());
        Assert.DoesNotContain("gen_ai.system", attributes.Keys);
        Assert.False(span.GetProperty("status").TryGetProperty("code", out _));
    }

    [Fact]
    public async Task Protobuf_Request_SaysTheSameByFieldNumbers()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(new { url = receiver.Url, headers = new { }, content_type = "protobuf" });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 400 });

        await gateway.ChatAsync("Hello", $"cf-aig-otel-trace-id: {Trace}", $"cf-aig-otel-parent-span-id: {Parent}", """cf-aig-metadata: {"n":-1,"b":true,"s":0.25}""");
        var delivery = await receiver.NextAsync();

        Assert.Equal("application/x-protobuf", delivery.Headers["content-type"]);
        var resourceSpans = new WireMessage(delivery.Body).Message(1);
        var service = resourceSpans.Message(1).Message(1);
        Assert.Equal(("service.name", "ai-gateway"), (service.Text(1), service.Message(2).Any));
        var span = resourceSpans.Message(2).Message(2);
        Assert.Equal((Trace, Parent, "cf.aig.request", 3UL), (span.Hex(1), span.Hex(4), span.Text(5), span.Varint(6)));
        Assert.Equal(16, span.Hex(2).Length);
        Assert.Equal(gateway.Logs[0].CreatedAt.ToUnixTimeMilliseconds(), (long)(span.Fixed64(7) / 1_000_000));
        Assert.True(span.Fixed64(8) >= span.Fixed64(7));
        Assert.Equal(2UL, span.Message(15).Varint(3)); // STATUS_CODE_ERROR: the provider answered 400
        var attributes = span.Messages(9).ToDictionary(attribute => attribute.Text(1), attribute => attribute.Message(2).Any);
        Assert.Equal("gpt-4o-mini", attributes["gen_ai.request.model"]);
        Assert.Equal(0d, attributes["gen_ai.usage.cost"]);
        Assert.Equal(((object)-1L, (object)true, (object)0.25), (attributes["n"], attributes["b"], attributes["s"]));
    }

    [Fact]
    public async Task Stream_PayloadOff_Attempts_AreSpansOfTheirOwn()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(new { url = receiver.Url, headers = new { } });

        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat("Hello", more: new { stream = true }));
        var streamed = Attributes(Spans(await receiver.NextAsync())[0]);
        var said = JsonSerializer.Deserialize<string>(streamed["gen_ai.completion_json"].GetProperty("stringValue").GetString()!);
        Assert.Equal(said, JsonSerializer.Deserialize<JsonElement>(streamed["gen_ai.output.messages"].GetProperty("stringValue").GetString()!)[0].GetProperty("content").GetString());
        Assert.NotEmpty(said!);

        await gateway.ChatAsync("Hello", "cf-aig-collect-log-payload: false");
        Assert.DoesNotContain("gen_ai.prompt_json", Attributes(Spans(await receiver.NextAsync())[0]).Keys);

        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503, times = 1 });
        await gateway.ChatAsync("Hello", "cf-aig-max-attempts: 2");
        var spans = Spans(await receiver.NextAsync());
        if (spans.Count == 1)
            spans.AddRange(Spans(await receiver.NextAsync()));
        Assert.Equal([true, false], spans.Select(span => span.GetProperty("status").TryGetProperty("code", out _)));
        Assert.Equal(2, spans.Select(span => span.GetProperty("traceId").GetString()).Distinct().Count());

        await gateway.ChatAsync("Hello", "cf-aig-collect-log: false");
        await FlushAsync(gateway);
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task Authorization_IsTheSecretsValue_AndNothingIsSentWithoutIt()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(new { url = receiver.Url, headers = new { Authorization = "Bearer other" }, authorization = "collector_token" });

        await gateway.ChatAsync();
        Assert.Equal((0, 1), Counts(await FlushAsync(gateway)));
        Assert.Equal(0, receiver.Waiting);

        gateway.Emulator.Account.AddStore("keys").Store!.Add([new NewSecret("collector_token", "Bearer of-the-store", ["ai_gateway"], Comment: null)]);
        await gateway.ChatAsync();
        Assert.Equal("Bearer of-the-store", (await receiver.NextAsync()).Headers["authorization"]);

        var secret = gateway.Emulator.Account.Store!.Secrets[0];
        gateway.Emulator.Account.Store.Change(secret.Id, "two\nlines", scopes: null, comment: null);
        await gateway.ChatAsync();
        Assert.Equal((1, 2), Counts(await FlushAsync(gateway)));
    }

    [Theory]
    [InlineData(503, null, 2)]
    [InlineData(429, "0", 2)]
    [InlineData(400, null, 1)]
    public async Task Receiver_BusyOrAway_IsTriedAgainWhereThatMayHelp(int status, string? retryAfter, int deliveries)
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(new { url = receiver.Url, headers = new { } });
        receiver.AnswerNext(status, retryAfter);

        await gateway.ChatAsync();
        var counts = await FlushAsync(gateway);

        Assert.Equal(deliveries, receiver.Waiting);
        Assert.Equal(deliveries == 2 ? (1, 0) : (0, 1), Counts(counts));
    }

    [Fact]
    public async Task Targets_EachGetsItsSpans_OneThatIsAwayDoesNotKeepTheOthersFromThem()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(
            new { url = "http://127.0.0.1:1/", headers = new { } }, new { url = "no address", headers = new { } }, new { url = receiver.Url, headers = new { } });

        for (var request = 0; request < 3; request++)
            Assert.Equal(200, (await gateway.ChatAsync()).Status);
        var counts = Counts(await FlushAsync(gateway));

        Assert.Equal((3, 6), counts);
        var spans = 0;
        while (receiver.Waiting > 0)
            spans += Spans(await receiver.NextAsync()).Count;
        Assert.Equal(3, spans);
    }

    private static Task<TestGateway> StartAsync(params object[] targets) => TestGateway.StartAsync(new { otel = targets }, AtOnce);

    private static async Task<JsonElement> FlushAsync(TestGateway gateway)
    {
        using var answer = await gateway.Emulator.Admin.PostAsync("exports/flush", content: null);
        Assert.Equal(200, (int)answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("otel");
    }

    private static (int Exported, int Failed) Counts(JsonElement counts) => (counts.GetProperty("exported").GetInt32(), counts.GetProperty("failed").GetInt32());

    private static List<JsonElement> Spans(ExportReceiver.Delivery delivery) =>
        [.. JsonSerializer.Deserialize<JsonElement>(delivery.Body).GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray()];

    private static Dictionary<string, JsonElement> Attributes(JsonElement holder) =>
        holder.GetProperty("attributes").EnumerateArray().ToDictionary(attribute => attribute.GetProperty("key").GetString()!, attribute => attribute.GetProperty("value"));
}
