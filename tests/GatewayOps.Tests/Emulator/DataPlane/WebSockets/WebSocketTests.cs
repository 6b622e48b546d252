using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Emulator.DataPlane.WebSockets;

public sealed class WebSocketTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Create_Plain_OneCreatedWithMetadataAndResponse()
    {
        await using var gateway = emulator.NewGateway(new { cache_ttl = 600 });
        using var socket = await OpenAsync(gateway);

        await SendAsync(socket, Create("one"));
        var created = await ReceiveAsync(socket);

        Assert.Equal("universal.created", created.GetProperty("type").GetString());
        var metadata = created.GetProperty("metadata");
        Assert.Equal(("one", "MISS", "0", "application/json"), (Text(metadata, "eventId"), Text(metadata, "cacheStatus"), Text(metadata, "step"), Text(metadata, "contentType")));
        Assert.StartsWith("[openai/gpt-4o-mini]", created.GetProperty("response").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
        var row = Assert.Single(gateway.Logs);
        Assert.Equal((Text(metadata, "logId"), "one"), (row.Id, row.EventId));

        await SendAsync(socket, Create("two"));
        Assert.Equal("HIT", Text((await ReceiveAsync(socket)).GetProperty("metadata"), "cacheStatus"));
    }

    [Fact]
    public async Task Create_Stream_CreatedThenEachEventThenDone()
    {
        await using var gateway = emulator.NewGateway();
        using var socket = await OpenAsync(gateway);

        await SendAsync(socket, Create("s", stream: true));
        var messages = new List<JsonElement>();
        do
            messages.Add(await ReceiveAsync(socket));
        while (Text(messages[^1], "type") is "universal.created" or "universal.stream");

        Assert.Equal(("universal.created", "universal.done"), (Text(messages[0], "type"), Text(messages[^1], "type")));
        Assert.All([messages[0], messages[^1]], message => Assert.False(message.TryGetProperty("response", out _)));
        Assert.Equal(messages[0].GetProperty("metadata").GetRawText(), messages[^1].GetProperty("metadata").GetRawText());
        var events = messages[1..^1];
        Assert.NotEmpty(events);
        Assert.All(events, message => Assert.Equal("""{"eventId":"s"}""", message.GetProperty("metadata").GetRawText()));
        var text = string.Concat(events.Select(message => message.GetProperty("response").GetProperty("choices") is var choices && choices.GetArrayLength() > 0
            && choices[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
        Assert.StartsWith("[openai/gpt-4o-mini]", text, StringComparison.Ordinal);
        Assert.Equal("text/event-stream", Text(messages[0].GetProperty("metadata"), "contentType"));
        Assert.True(Assert.Single(gateway.Logs).Success);
    }

    [Fact]
    public async Task Create_StreamCut_HasNoDone()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 2 });
        using var socket = await OpenAsync(gateway);

        await SendAsync(socket, Create("s", stream: true));
        var types = new List<string>();
        do
            types.Add(Text(await ReceiveAsync(socket), "type"));
        while (types[^1] is "universal.created" or "universal.stream");
        await gateway.RepairedAsync("openai");

        Assert.Equal(["universal.created", "universal.stream", "universal.stream", "universal.error"], types);
        Assert.False(gateway.Logs[0].Success);
    }

    [Fact]
    public async Task Create_ProviderFails_ItsErrorIsTheResponse()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });
        using var socket = await OpenAsync(gateway);

        await SendAsync(socket, Create("x"));
        var answer = await ReceiveAsync(socket);
        await gateway.RepairedAsync("openai");

        Assert.Equal("universal.created", Text(answer, "type"));
        Assert.Equal("server_error", answer.GetProperty("response").GetProperty("error").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("{", "[]")]
    [InlineData("[]", "[]")]
    [InlineData("""{"type":"universal.create"}""", "[\"request\"]")]
    [InlineData("""{"type":"other","request":{"eventId":"e"}}""", "[\"type\"]")]
    [InlineData("""{"type":"universal.create","request":{"eventId":"e","endpoint":"x","query":{}}}""", "[\"request\",\"provider\"]")]
    public async Task Message_Wrong_IsToldAndTheSocketLivesOn(string message, string path)
    {
        await using var gateway = emulator.NewGateway();
        using var socket = await OpenAsync(gateway);

        await SendAsync(socket, message);
        var error = await ReceiveAsync(socket);

        Assert.Equal("universal.error", Text(error, "type"));
        Assert.Equal(path, error.GetProperty("response").GetProperty("error")[0].GetProperty("path").GetRawText());
        if (message.Contains("\"e\"", StringComparison.Ordinal))
            Assert.Equal("e", Text(error.GetProperty("metadata"), "eventId"));
        await SendAsync(socket, Create("after"));
        Assert.Equal("universal.created", Text(await ReceiveAsync(socket), "type"));
    }

    [Fact]
    public async Task Messages_ManyAtOnce_EachIsAnsweredUnderItsEventId()
    {
        await using var gateway = emulator.NewGateway();
        using var socket = await OpenAsync(gateway);

        for (var number = 0; number < 100; number++)
            await SendAsync(socket, Create($"e{number}", text: $"question {number}"));
        var answers = new Dictionary<string, string>();
        while (answers.Count < 100)
        {
            var answer = await ReceiveAsync(socket);
            answers.Add(Text(answer.GetProperty("metadata"), "eventId"), answer.GetProperty("response").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
        }

        Assert.All(answers, answer => Assert.EndsWith("question " + answer.Key[1..], answer.Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cf-aig-authorization.dev-token", "cf-aig-authorization.dev-token")]
    [InlineData("realtime, cf-aig-authorization.dev-token", "realtime")]
    public async Task Authentication_BySubprotocol_IsAcceptedAndOneIsChosen(string offered, string chosen)
    {
        await using var gateway = emulator.NewGateway(new { authentication = true });
        using var socket = new ClientWebSocket();
        foreach (var protocol in offered.Split(", "))
            socket.Options.AddSubProtocol(protocol);

        await socket.ConnectAsync(Address(gateway), CancellationToken.None);

        Assert.Equal(chosen, socket.SubProtocol);
        await SendAsync(socket, Create("x"));
        Assert.Equal("universal.created", Text(await ReceiveAsync(socket), "type"));
        Assert.True(gateway.Logs[0].Authentication);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cf-aig-authorization.wrong")]
    public async Task Authentication_MissingOrWrong_401InPlaceOfTheUpgrade(string? protocol)
    {
        await using var gateway = emulator.NewGateway(new { authentication = true });

        Assert.Equal(HttpStatusCode.Unauthorized, await RefusedAsync(gateway, "", protocol));
    }

    [Fact]
    public async Task Base_GetWithoutUpgrade_426()
    {
        await using var gateway = emulator.NewGateway();
        using var answer = await gateway.Http.GetAsync(new Uri("", UriKind.Relative));

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("AiGatewayError", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Native_OfferOfAnotherProtocol_IsAnOrdinaryRequest()
    {
        await using var gateway = emulator.NewGateway();

        var answer = await gateway.ChatAsync("x", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAEAAEAAAAIAAAAB");

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Realtime_OpenAi_AnswersAConversationInText()
    {
        await using var gateway = emulator.NewGateway();
        using var socket = await OpenAsync(gateway, "openai?model=gpt-realtime", "sk-mine");
        Assert.Equal(("session.created", "gpt-realtime"), await ReceiveAsync(socket) is var session ? (Text(session, "type"), Text(session.GetProperty("session"), "model")) : default);

        await SendAsync(socket, """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hello there"}]}}""");
        Assert.Equal("conversation.item.created", Text(await ReceiveAsync(socket), "type"));
        await SendAsync(socket, """{"type":"response.create"}""");
        var types = new List<string>();
        JsonElement message;
        var said = "";
        do
        {
            message = await ReceiveAsync(socket);
            types.Add(Text(message, "type"));
            if (types[^1] == "response.output_text.done")
                said = Text(message, "text");
        }
        while (types[^1] != "response.done");

        Assert.EndsWith("You said: Hello there", said, StringComparison.Ordinal);
        Assert.Equal("response.created", types[0]);
        Assert.Contains("response.output_text.delta", types);
        Assert.Equal(("realtime", "gpt-realtime", true), Assert.Single(gateway.Logs) is var row ? (row.Path, row.Model, row.Success) : default);
        await SendAsync(socket, """{"type":"nothing"}""");
        Assert.Equal("error", Text(await ReceiveAsync(socket), "type"));
    }

    [Theory]
    [InlineData("elevenlabs?agent_id=a", HttpStatusCode.NotImplemented)]
    [InlineData("google?api_key=k", HttpStatusCode.NotImplemented)]
    [InlineData("nobody", HttpStatusCode.BadRequest)]
    [InlineData("openai", HttpStatusCode.BadRequest)]
    public async Task Realtime_Others_AreRefusedBeforeTheUpgrade(string path, HttpStatusCode status)
    {
        await using var gateway = emulator.NewGateway();

        Assert.Equal(status, await RefusedAsync(gateway, path, protocol: null));
    }

    private static string Create(string eventId, bool stream = false, string text = "Hello there") => new JsonObject
    {
        ["type"] = "universal.create",
        ["request"] = new JsonObject
        {
            ["eventId"] = eventId,
            ["provider"] = "openai",
            ["endpoint"] = "chat/completions",
            ["headers"] = new JsonObject { ["Authorization"] = "Bearer sk" },
            ["query"] = JsonNode.Parse(TestGateway.Chat(text, more: new { stream })),
        },
    }.ToJsonString();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static Uri Address(TestGateway gateway, string path = "") =>
        new($"ws://127.0.0.1:{gateway.Emulator.BaseUrl.Port}{gateway.Path.TrimEnd('/')}{(path.Length > 0 ? "/" : "")}{path}");

    private static async Task<ClientWebSocket> OpenAsync(TestGateway gateway, string path = "", string? key = null)
    {
        var socket = new ClientWebSocket();
        if (key is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        await socket.ConnectAsync(Address(gateway, path), CancellationToken.None);
        return socket;
    }

    private static async Task<HttpStatusCode> RefusedAsync(TestGateway gateway, string path, string? protocol)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (protocol is not null)
            socket.Options.AddSubProtocol(protocol);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(gateway, path), CancellationToken.None));
        return socket.HttpStatusCode;
    }

    private static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var message = new MemoryStream();
        var buffer = new byte[8192];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonSerializer.Deserialize<JsonElement>(message.ToArray());
        }
    }
}
