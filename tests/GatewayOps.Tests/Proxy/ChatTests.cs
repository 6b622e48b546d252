using System.ClientModel;
using System.Text;
using GatewayOps.Tests.Support;
using OpenAI;
using OpenAI.Chat;

namespace GatewayOps.Tests.Proxy;

/// <summary>Chat through the proxy to the emulated gateway; the client is OpenAI's own SDK, unmodified, or HTTP by hand.</summary>
public sealed class ChatTests(StageFixture shared) : IClassFixture<StageFixture>
{
    [Fact, Trait("checklist", "S2-03"), Trait("checklist", "S2-14")]
    public async Task Chat_BySdk_Answers()
    {
        var stage = shared.Stage;

        var completion = (await Sdk(stage).CompleteChatAsync("Hello there")).Value;

        Assert.Equal("[openai/gpt-4o-mini] You said: Hello there", completion.Content[0].Text);
        Assert.Equal(6, completion.Usage.InputTokenCount);
        var call = await stage.LastCallAsync();
        Assert.Equal("Bearer " + ProxyStage.StoredKey + "openai", call.GetProperty("headers").GetProperty("authorization").GetString());
    }

    [Theory, Trait("checklist", "S2-34")]
    [InlineData("gpt-4o-mini", "openai/gpt-4o-mini")]
    [InlineData("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "workers-ai/@cf/meta/llama-3-8b-instruct")]
    public async Task Chat_StreamedBySdk_SaysAllOfIt(string model, string answeredBy)
    {
        var stage = shared.Stage;
        var text = new StringBuilder();
        ChatFinishReason? finish = null;

        await foreach (var update in Sdk(stage, model).CompleteChatStreamingAsync("Hello there"))
        {
            foreach (var part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }

            finish = update.FinishReason ?? finish;
        }

        Assert.Equal($"[{answeredBy}] You said: Hello there", text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        var record = await stage.RecordAsync(row => row.GetProperty("model").GetString() == model && row.GetProperty("stream").GetBoolean());
        Assert.Equal("ok", record.GetProperty("outcome").GetString());
        Assert.True(record.GetProperty("tokensIn").GetInt64() > 0, "usage is known though the client did not ask for it");
    }

    [Fact, Trait("checklist", "S1-06"), Trait("checklist", "S2-17"), Trait("checklist", "S2-18")]
    public async Task Chat_Answer_CarriesItsHeadersAndLeavesOneRecord()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "rules": [ { "name": "chat", "pattern": "/chat/completions" } ] }""");

        var answer = await stage.ChatAsync(headers: [("X-SESSION-ID", "s 1"), ("Cookie", "session_id=other")]);

        Assert.Equal(200, answer.Status);
        Assert.Equal(("rules@1", "openai", "bypass", "1"), (answer["x-gatewayops-revision"], answer["x-gatewayops-provider"], answer["x-gatewayops-cache"], answer["x-gatewayops-attempts"]));
        var record = Assert.Single(await stage.RecordsAsync(1));
        Assert.Equal(answer["x-request-id"], record.GetProperty("requestId").GetString());
        Assert.Equal(
            ("POST", "/v1/chat/completions", "openai", "gpt-4o-mini", "s 1", 200),
            (Text("method"), Text("path"), Text("provider"), Text("model"), Text("sessionId"), record.GetProperty("status").GetInt32()));
        Assert.Equal(("ok", "rules@1", "chat", ProxyStage.Gateway), (Text("outcome"), Text("revision"), Text("rule"), Text("gateway")));
        Assert.True(record.GetProperty("durationMs").GetDouble() > 0);
        Assert.Equal(6, record.GetProperty("tokensIn").GetInt64());
        Assert.True(record.GetProperty("costUsd").GetDecimal() > 0);

        string? Text(string name) => record.GetProperty(name).GetString();
    }

    [Fact, Trait("checklist", "S2-18")]
    public async Task Chat_SessionCookie_IsDecoded()
    {
        var stage = shared.Stage;

        var answer = await stage.ChatAsync(headers: ("Cookie", "session_id=a%20b"));

        Assert.Equal("a b", (await stage.RecordAsync(answer)).GetProperty("sessionId").GetString());
    }

    [Fact]
    public async Task Chat_RequestId_IsInTheGatewaysLog()
    {
        var stage = shared.Stage;

        var answer = await stage.ChatAsync();

        Assert.Single(
            stage.Emulator.Account.FindGateway(ProxyStage.Gateway)!.Logs.Visible(),
            row => row.Metadata!.ToString()!.Contains(answer["x-request-id"]!, StringComparison.Ordinal));
    }

    [Fact, Trait("checklist", "S0-08")]
    public async Task Chat_UnknownFields_ReachTheProviderUnchanged()
    {
        var stage = shared.Stage;
        const string body = """{ "provider":"openai", "x_unknown": {"a": 1.50}, "model": "gpt-4o-mini", "messages": [ {"role":"user","content":"caf\u00e9"} ] }""";

        Assert.Equal(200, (await stage.PostAsync(body)).Status);

        Assert.Equal("""{  "x_unknown": {"a": 1.50}, "model": "gpt-4o-mini", "messages": [ {"role":"user","content":"caf\u00e9"} ] }""", (await stage.LastCallAsync()).GetProperty("body").GetString());
    }

    [Theory, Trait("checklist", "S2-34"), Trait("checklist", "S3-13")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_StreamUsage_ComesOnlyToWhoAsks(bool asks)
    {
        var stage = shared.Stage;

        var answer = await stage.ChatAsync(more: asks ? new { stream = true, stream_options = new { include_usage = true } } : new { stream = true });

        Assert.Equal(asks, answer.Text.Contains("\"choices\":[]", StringComparison.Ordinal));
        Assert.EndsWith("data: [DONE]\n\n", answer.Text, StringComparison.Ordinal);
        Assert.Equal(("text/event-stream", "no"), (answer["content-type"], answer["x-accel-buffering"]));
        Assert.Contains("\"include_usage\":true", (await stage.LastCallAsync()).GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S2-20")]
    public async Task Chat_RecordsInPostgres_HaveTheEightColumns()
    {
        var stage = shared.Stage;
        await stage.RecordAsync(await stage.ChatAsync(headers: ("X-SESSION-ID", "s-eight")));

        var rows = await stage.Service.Database.QueryAsync<string>(
            "select concat_ws('|', method, path, provider, model, session_id, tokens_in + tokens_out > 0, duration_ms > 0, status, asked_provider, asked_model) from request_records where session_id = 's-eight'");

        Assert.Equal(["POST|/v1/chat/completions|openai|gpt-4o-mini|s-eight|t|t|200|openai|gpt-4o-mini"], rows);
    }

    private static ChatClient Sdk(ProxyStage stage, string model = "gpt-4o-mini") =>
        new(model, new ApiKeyCredential(TestService.ProxyToken), new OpenAIClientOptions { Endpoint = new Uri(stage.Service.BaseUrl, "/v1") });
}
