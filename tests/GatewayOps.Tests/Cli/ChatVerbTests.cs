using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli;
using GatewayOps.Tests.Client;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;
using YamlDotNet.RepresentationModel;

namespace GatewayOps.Tests.Cli;

/// <summary>`chat`: one question, a conversation through a pipe or a keyboard, what it costs, and how it ends.</summary>
public sealed class ChatVerbTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private StubService _service = null!;

    public async Task InitializeAsync() => _service = await StubService.StartAsync();

    [Fact, Trait("checklist", "S0-22")]
    public async Task OneQuestion_IsAnsweredOnStdout_AndItsCostIsTold()
    {
        _service.Says("Hel", "lo");
        var run = await RunAsync("", "chat", "--model", "gpt-4o-mini", "--system", "Be short.", "--temperature", "0.2", "--max-tokens", "9", "How", "are you?");
        Assert.Equal((0, "Hello\n"), (run.ExitCode, run.Output));
        Assert.Equal($"gpt-4o-mini by openai: 10 tokens in, 4 out, {ModelStub.Cost}\n", run.Errors);
        var asked = _service.Requests[0];
        Assert.Equal(("/v1/chat/completions", "Bearer caller"), (asked.Path, asked.Authorization));
        Assert.Equal(["Be short.", "How are you?"], Texts(asked));
        Assert.Equal(("gpt-4o-mini", "0.2"), ((string)asked.Json!["model"]!, asked.Json["temperature"]!.ToJsonString()));
        // The operator's token is not the proxy's business.
        Assert.DoesNotContain(_service.Requests, request => request.Authorization!.Contains(TestService.OperatorToken, StringComparison.Ordinal));
    }

    [Theory, Trait("checklist", "S0-22")]
    [InlineData("salir")]
    [InlineData("exit")]
    [InlineData("quit")]
    [InlineData("q")]
    [InlineData("EXIT")]
    [InlineData("/exit")]
    [InlineData(null)]
    public async Task Conversation_ThroughAPipe_RemembersWhatWasSaid_UntilAFarewellOrTheEnd(string? farewell)
    {
        _service.Says("Hello");
        var run = await RunAsync($"first\n\nsecond \\\nof two lines\n{(farewell is null ? "" : $"{farewell}\nnever asked\n")}", "chat");
        Assert.Equal((0, "Hello\nHello\n"), (run.ExitCode, run.Output));
        Assert.Equal(["first", "Hello", "second \nof two lines"], Texts(Asked()[^1]));
        Assert.Equal(2, Asked().Count);
        Assert.EndsWith("in all 2 turns, 28 tokens, $0.0000078\n", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("> ", run.Errors);
    }

    [Fact]
    public async Task QuestionFromStdin_IsWhole()
    {
        _service.Says("Hello");
        await RunAsync("two\nlines\n", "chat", "-");
        Assert.Equal(["two\nlines"], Texts(Assert.Single(Asked())));
        var typed = await CliRun.InAsync(Variables, ["chat", "-"], _folder.Path, terminal: CliRun.Piped("") with { IsTyped = true });
        Assert.Equal((1, ""), (typed.ExitCode, typed.Output));
        Assert.Contains("stdin, which is a terminal", typed.Errors);
    }

    [Fact]
    public async Task Commands_ChangeTheConversation_AndAskNothing()
    {
        _service.Says("Hello").On("GET /v1/model-options", """{"data":[{"id":"gpt-4o","available":true,"description":"General."},{"id":"away","available":false}]}""");
        var run = await RunAsync(string.Join('\n', "/help", "/model other", "/system Be kind.", "/temperature 0.5", "one", "/retry", "/models", "/history", "/clear", "two", "//three", "/usage", $"/save {_folder["talk.json"]}", "/nonsense", "/temperature 3"), "chat");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("Hello\nHello\nHello\nHello\n", run.Output);
        Assert.All(Asked(), request => Assert.Equal(("other", "0.5"), ((string)request.Json!["model"]!, request.Json["temperature"]!.ToJsonString())));
        Assert.Equal([["Be kind.", "one"], ["Be kind.", "one"], ["Be kind.", "two"], ["Be kind.", "two", "Hello", "/three"]], Asked().Select(Texts));
        foreach (var said in new[] { "/retry ", "gpt-4o ", "user: one", "assistant: Hello", "forgotten", "in all 4 turns", "There is no /nonsense", "'3' is no temperature" })
        {
            Assert.Contains(said, run.Errors);
        }

        Assert.DoesNotContain("away", run.Errors);
        var saved = JsonNode.Parse(await File.ReadAllTextAsync(_folder["talk.json"]))!;
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], saved["messages"]!.AsArray().Select(message => (string)message!["role"]!));
    }

    [Fact]
    public async Task AnswerThatBreaksOff_IsSaidToBeOne_AndForgotten()
    {
        _service.Says(["Half of "], isWhole: false, cache: "miss");
        var run = await RunAsync("first\n/history\n", "chat");
        Assert.Equal((1, "Half of \n"), (run.ExitCode, run.Output));
        Assert.Contains("error: ", run.Errors);
        Assert.Contains("next:  ask again: what came is not the whole answer", run.Errors);
        Assert.DoesNotContain("assistant:", run.Errors);
        Assert.DoesNotContain("tokens in", run.Errors);

        var json = await RunAsync("", "chat", "-o", "json", "first");
        Assert.Equal(1, json.ExitCode);
        Assert.Equal(("Half of ", false), ((string)JsonNode.Parse(json.Output)!["text"]!, (bool)JsonNode.Parse(json.Output)!["complete"]!));
    }

    [Fact]
    public async Task Formats_AreOneValueAnAnswer()
    {
        _service.Says("Hel", "lo");
        var json = (await RunAsync("one\ntwo\n", "chat", "-o", "json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(2, json.Count);
        Assert.Equal(("Hello", true, "openai", "req-77", 10, 0.0000039m, 0.0000078m), (
            (string)json[1]["text"]!, (bool)json[1]["complete"]!, (string)json[1]["provider"]!, (string)json[1]["requestId"]!, (int)json[1]["tokensIn"]!, (decimal)json[1]["costUsd"]!, (decimal)json[1]["totalCostUsd"]!));
        var yaml = new YamlStream();
        yaml.Load(new StringReader((await RunAsync("one\ntwo\n", "chat", "-o", "yaml")).Output));
        Assert.Equal(2, yaml.Documents.Count);
        Assert.Equal("req-77\n", (await RunAsync("", "chat", "-o", "name", "one")).Output);
    }

    [Fact]
    public async Task AnswerFromTheCache_CostsNothing()
    {
        _service.Says(["Hello"], isWhole: true, cache: "hit");
        var run = await RunAsync("", "chat", "one");
        Assert.Contains("10 tokens in, 4 out, from the cache\n", run.Errors);
    }

    [Fact]
    public async Task CostThatIsNotKnown_IsNotNothing()
    {
        _service.On("POST /v1/chat/completions", ModelStub.Chunk("Hello") + ModelStub.End, 200, ("Content-Type", "text/event-stream"), ("x-gatewayops-provider", "nobody"));
        var run = await RunAsync("one\ntwo\n", "chat", "--model", "nobody/knows");
        Assert.Contains("cost not known", run.Errors);
        Assert.DoesNotContain("$0", run.Errors);
    }

    [Theory, Trait("checklist", "S0-15"), Trait("checklist", "S0-17"), Trait("checklist", "S3-21")]
    [InlineData(401, "invalid_api_key", "no", "set AUTH_TOKEN", "S3-21")]
    [InlineData(404, "model_not_found", "openai does not have the model `gpt-4p`. Did you mean `gpt-4o`?", "--model gpt-4o", "S0-17")]
    [InlineData(404, "gateway_not_found", "no gateway", "gatewayops gateway create openai-compat", "S0-15")]
    [InlineData(402, "insufficient_quota", "spent", "gatewayops usage", "S3-22")]
    [InlineData(500, "internal", "it broke\u001b[31m", "gatewayops test", "")]
    public async Task Failure_SaysWhy_AndWhatToDo(int status, string code, string message, string next, string id)
    {
        _service.Fails(status, code, message);
        var run = await RunAsync("", "chat", "--model", "gpt-4p", "one");
        Assert.True((1, "") == (run.ExitCode, run.Output), id);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains("\nnext:  ", run.Errors);
        Assert.Contains(next, run.Errors);
        Assert.DoesNotContain('\u001b', run.Errors);
        Assert.Single(Asked());
    }

    /// <summary>What Workers AI says of a model that it does not have, as of an address that is none.</summary>
    [Theory, Trait("checklist", "S4-13")]
    [InlineData(7000)]
    [InlineData(7003)]
    public async Task NoRoute_SaysToCheckModelAndAddress_AndWhichModelIsNear(int code)
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Status(400, $$"""{"success":false,"errors":[{"code":{{code}},"message":"No route for that URI"}],"messages":[],"result":null}"""));
        var run = await CliRun.InAsync(
            new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "a", ["CLOUDFLARE_GATEWAY_TOKEN"] = "t", ["CLOUDFLARE_GATEWAY_BASE_URL"] = gateway.BaseUrl.ToString() },
            ["chat", "--direct", "--provider", "cloudflare", "--model", "@cf/meta/llama-3.1-70b-instruc", "hi"], _folder.Path);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.All(["No route for that URI", "Check the model", "(with .1)", "Check the address: CLOUDFLARE_ACCOUNT_ID", "\nnext:  repeat with --model @cf/meta/llama-3.1-70b-instruct\n"], part => Assert.Contains(part, run.Errors));
        Assert.Single(gateway.Asked);
    }

    [Fact, Trait("checklist", "S0-12")]
    public async Task EnvFile_IsUsed_AndTheEnvironmentWins()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Events(ModelStub.Chunk("hola") + ModelStub.End));
        await File.WriteAllTextAsync(_folder["other.env"], $"CLOUDFLARE_ACCOUNT_ID=of-the-file\nCLOUDFLARE_GATEWAY_TOKEN=token-of-the-file\nLLM_PROVIDER=openai\nCLOUDFLARE_GATEWAY_BASE_URL={gateway.BaseUrl}\n");

        var file = await CliRun.InAsync(new Dictionary<string, string>(), ["chat", "--env-file", _folder["other.env"], "hi"], _folder.Path);
        var both = await CliRun.InAsync(new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "of-the-environment" }, ["chat", "--env-file", _folder["other.env"], "--gateway", "prod", "hi"], _folder.Path);
        var none = await CliRun.InAsync(new Dictionary<string, string>(), ["chat", "--env-file", _folder["none.env"], "hi"], _folder.Path);

        Assert.True(file is { ExitCode: 0, Output: "hola\n" }, file.Errors);
        Assert.True(both.ExitCode == 0, both.Errors);
        Assert.Equal(
            [("/v1/of-the-file/openai-compat/compat/chat/completions", "Bearer token-of-the-file"), ("/v1/of-the-environment/prod/compat/chat/completions", "Bearer token-of-the-file")],
            gateway.Asked.Select(asked => (asked.Path, asked.Authorization!)));
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("There is no", none.Errors);
    }

    [Theory, Trait("checklist", "S0-02"), Trait("checklist", "S0-03"), Trait("checklist", "S0-06")]
    [InlineData("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_GATEWAY_TOKEN=t")]
    [InlineData("CLOUDFLARE_GATEWAY_TOKEN", "CLOUDFLARE_ACCOUNT_ID=a")]
    [InlineData("lmstudio", "CLOUDFLARE_ACCOUNT_ID=a", "CLOUDFLARE_GATEWAY_TOKEN=t", "LLM_PROVIDER=nobody")]
    public async Task SettingThatIsMissingOrWrong_IsNamed_AndNothingIsAsked(string named, params string[] variables)
    {
        var run = await CliRun.InAsync(variables.Select(variable => variable.Split('=')).Append(["CLOUDFLARE_GATEWAY_BASE_URL", _service.Url.ToString()]).ToDictionary(pair => pair[0], pair => pair[1]), ["chat", "hi"], _folder.Path);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(named, run.Errors);
        Assert.Contains("next:  ", run.Errors);
        Assert.Empty(_service.Requests);
    }

    [Fact, Trait("checklist", "S0-06")]
    public async Task ProviderOnOnesOwnMachine_IsAskedThere_AlsoBesideAService()
    {
        await using var local = await ScriptedGateway.StartAsync(ScriptedGateway.Events(ModelStub.Chunk("local") + ModelStub.End));
        var run = await CliRun.InAsync(new Dictionary<string, string>(Variables) { ["LLM_PROVIDER"] = "lmstudio", ["CLOUDFLARE_MODEL"] = "qwen", ["LMSTUDIO_BASE_URL"] = new Uri(local.BaseUrl, "/v1").ToString() }, ["chat", "hi"], _folder.Path);
        Assert.True(run is { ExitCode: 0, Output: "local\n" }, run.Errors);
        Assert.Equal(("/v1/chat/completions", null), (local.Asked[0].Path, local.Asked[0].Authorization));
    }

    [Fact, Trait("checklist", "S0-16")]
    public async Task WrongTokenOfTheGateway_NamesThePermissionAndWhereItIsMade()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Error(401, "2009"));
        var run = await CliRun.InAsync(
            new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "a", ["CLOUDFLARE_GATEWAY_TOKEN"] = "canary-token", ["LLM_PROVIDER"] = "openai", ["CLOUDFLARE_GATEWAY_BASE_URL"] = gateway.BaseUrl.ToString() }, ["chat", "hi"], _folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("AI Gateway: Edit", run.Errors);
        Assert.Contains("https://dash.cloudflare.com/profile/api-tokens", run.Errors);
        Assert.DoesNotContain("canary", run.Errors);
        Assert.Single(gateway.Asked);
    }

    [Fact]
    public async Task Keyboard_IsDrawnOnStderr_AndWhatAModelSaysSteersNoTerminal()
    {
        _service.Says("Hel\u001b[2Jlo");
        var keys = new Queue<ConsoleKeyInfo>([.. "hi".Select(Key), new('\r', ConsoleKey.Enter, false, false, false), new('\u0003', ConsoleKey.C, false, false, control: true), new('\u0004', ConsoleKey.D, false, false, control: true)]);
        var run = await CliRun.InAsync(Variables, ["chat"], _folder.Path, terminal: new Terminal(TextReader.Null, keys.Dequeue, IsTyped: true, IsSeen: true));
        Assert.Equal((0, "Hel\uFFFD[2Jlo\n"), (run.ExitCode, run.Output));
        Assert.Contains("/help lists what can be typed", run.Errors);
        Assert.Contains("\r> hi", run.Errors);
        Assert.Contains("^C", run.Errors);
    }

    [Fact]
    public async Task CtrlC_StopsTheAnswer_AndNotTheProgram()
    {
        // The first answer never ends by itself.
        var questions = 0;
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            if (context.Request.Path != "/v1/chat/completions")
            {
                return;
            }

            context.Response.ContentType = "text/event-stream";
            var first = Interlocked.Increment(ref questions) == 1;
            await context.Response.WriteAsync(ModelStub.Chunk(first ? "without end" : "after it"));
            await (first ? Task.Delay(Timeout.Infinite, context.RequestAborted) : context.Response.WriteAsync(ModelStub.End));
        });
        using var chat = CliRun.Start(["chat", "--data", _folder.Path], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = gateway.BaseUrl.ToString() });
        await chat.StandardInput.WriteLineAsync("one");
        await chat.StandardInput.FlushAsync();
        Assert.Equal("without end", await ReadAsync(chat.StandardOutput, "without end".Length));

        await chat.SignalAsync("INT");
        Assert.Equal("stopped; what came stays part of the conversation", await chat.StandardError.ReadLineAsync());

        await chat.StandardInput.WriteLineAsync("two");
        chat.StandardInput.Close();
        Assert.Equal("\nafter it\n", await chat.StandardOutput.ReadToEndAsync());
        await chat.EndAsync();
        Assert.Equal(0, chat.ExitCode);
    }

    [Fact]
    public async Task CtrlC_BetweenAnswers_EndsTheProgram()
    {
        _service.Says("Hello");
        using var chat = CliRun.Start(["chat", "--data", _folder.Path], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = _service.Url.ToString() });
        await chat.StandardInput.WriteLineAsync("one");
        await chat.StandardInput.FlushAsync();
        Assert.StartsWith("gpt-4o-mini by openai", await chat.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        await chat.SignalAsync("INT");
        await chat.EndAsync();
        Assert.Equal((130, "stopped\n"), (chat.ExitCode, await chat.StandardError.ReadToEndAsync()));
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string> Variables => new() { ["GATEWAYOPS_URL"] = _service.Url.ToString(), ["GATEWAYOPS_OPERATOR_TOKEN"] = TestService.OperatorToken, ["AUTH_TOKEN"] = "caller" };

    private Task<CliRun> RunAsync(string input, params string[] arguments) => CliRun.InAsync(Variables, arguments, _folder.Path, terminal: CliRun.Piped(input));

    private List<StubRequest> Asked() => [.. _service.Requests.Where(request => request.Path == "/v1/chat/completions")];

    private static List<string> Texts(StubRequest request) => [.. request.Json!["messages"]!.AsArray().Select(message => (string)message!["content"]!)];

    private static ConsoleKeyInfo Key(char c) => new(c, ConsoleKey.None, false, false, false);

    private static async Task<string> ReadAsync(StreamReader reader, int length)
    {
        var text = new StringBuilder();
        var buffer = new char[1];
        while (text.Length < length && await reader.ReadAsync(buffer) > 0)
        {
            text.Append(buffer[0]);
        }

        return text.ToString();
    }
}
