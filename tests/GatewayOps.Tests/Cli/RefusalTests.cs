using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GatewayOps.Cli;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>What the command line says when the service refuses, is away, or is interrupted: what, why, and the command to go on with.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(401, "unauthorized", "set GATEWAYOPS_OPERATOR_TOKEN")]
    [InlineData(409, "gateway_busy", "gatewayops runs")]
    [InlineData(409, "gateway_taken_over", "gatewayops runs")]
    [InlineData(409, "gateway_not_found", "Run start first: gatewayops start (or gatewayops gateway create ID)")]
    [InlineData(409, "gateway_limit_reached", "gatewayops gateway list")]
    [InlineData(409, "mass_delete_refused", "--allow-mass-delete")]
    [InlineData(409, "secret_owned_elsewhere", "--alias")]
    [InlineData(409, "stack_conflict", "gatewayops stack list")]
    [InlineData(409, "last_admin_token", "--scope admin")]
    [InlineData(502, "cloudflare_refused", "AI Gateway: Edit")]
    [InlineData(502, "cloudflare_refused", "https://dash.cloudflare.com/profile/api-tokens")]
    [InlineData(503, "cloudflare_unavailable", "gatewayops doctor")]
    [InlineData(412, "precondition_failed", "somebody else changed it meanwhile")]
    [InlineData(503, "not_ready", "/readyz")]
    public async Task Execute_Refused_ExitsOne_SaysWhy_AndTheNextCommand(int status, string code, string next)
    {
        await using var service = await StubService.StartAsync();
        service.Refuses("POST /api/v1/content/rules/execute", status, code, "The reason.");

        var run = await CliRun.AgainstAsync(service.Url, "execute", "--name", "rules");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: The reason.\nnext:  ", run.Errors);
        Assert.Contains(next, run.Errors);
    }

    [Theory]
    [InlineData("plan_changed", "The plan is now abc: look at it with `gatewayops content plan --name rules --prune`, then execute with its hash.", "gatewayops content plan --name rules --prune")]
    [InlineData("gateway_paused", "Gateway prod is paused by eve: `gatewayops gateway resume prod` first.", "gatewayops gateway resume prod")]
    [InlineData("whatever_is_new", "`gatewayops content list` shows them, `gatewayops content add` adds one.", "gatewayops content list")]
    public async Task Execute_RefusedWithACommand_ThatIsTheNextOne(string code, string detail, string next)
    {
        await using var service = await StubService.StartAsync();
        service.Refuses("POST /api/v1/content/rules/execute", 409, code, detail);
        var run = await CliRun.AgainstAsync(service.Url, "execute", "--name", "rules");
        Assert.Equal((1, $"error: {detail}\nnext:  {next}\n"), (run.ExitCode, run.Errors));
    }

    [Fact]
    public async Task Execute_ScopeIsMissing_NamesTheScope()
    {
        await using var service = await StubService.StartAsync();
        service.Refuses("POST /api/v1/content/rules/execute", 403, "insufficient_scope", "This operator token lacks the scope `admin`.", "",
            ("WWW-Authenticate", "Bearer realm=\"gatewayops\", error=\"insufficient_scope\", scope=\"admin\""));

        var run = await CliRun.AgainstAsync(service.Url, "execute", "--name", "rules");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("a token with the scope admin", run.Errors);
        Assert.Contains("gatewayops token create --name NAME --scope admin", run.Errors);
    }

    [Theory]
    [InlineData("plan --name rules")]
    [InlineData("content diff --name rules")]
    [InlineData("content replay --name rules")]
    [InlineData("gateway drift prod")]
    [InlineData("audit verify")]
    public async Task VerbThatCompares_Refused_ExitsTwo(string line)
    {
        await using var service = await StubService.StartAsync();
        var run = await CliRun.AgainstAsync(service.Url, line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("HTTP 404", run.Errors);
    }

    [Fact]
    public async Task Faults_AreListedWithTheirPointers()
    {
        await using var service = await StubService.StartAsync();
        service.Refuses("POST /api/v1/content/rules/execute", 422, "rule_set_conflict", "Two rule sets.", ""","errors":[{"code":"conflict","pointer":"/settings/cache_ttl","message":"a and b"}]""");

        var run = await CliRun.AgainstAsync(service.Url, "execute", "--name", "rules");

        Assert.Contains("error: Two rule sets.\n  /settings/cache_ttl: a and b\n", run.Errors);
    }

    [Fact]
    public async Task AnswerThatIsNoJson_SaysThatTheAddressIsAnother()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/runs", "<html>");
        var run = await CliRun.AgainstAsync(service.Url, "runs");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("something that is not JSON", run.Errors);
    }

    [Theory]
    [InlineData("GET /v1/route-check", 2, "cache", "route-check", "--model", "gpt-4o")]
    [InlineData("POST /api/v1/import", 1, "document", "import", "--gateway", "prod")]
    [InlineData("GET /api/v1/usage", 1, "free", "usage")]
    public async Task AnswerOfAnotherVersion_SaysWhatItLacks(string route, int code, string lacks, params string[] line)
    {
        await using var service = await StubService.StartAsync();
        service.On(route, """{"documents":[{"name":"prod"}],"today":{}}""");
        var run = await CliRun.AgainstAsync(service.Url, line);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains($"error: The service's answer has no `{lacks}`.\nnext:  gatewayops status", run.Errors);
    }

    [Theory]
    [InlineData(1, "gateway", "show", "..")]
    [InlineData(1, "content", "get", "--name", ".")]
    [InlineData(2, "plan", "--name", "..")]
    [InlineData(1, "token", "revoke", "..")]
    [InlineData(1, "keys", "remove", "--gateway", "..", "--provider", "tokens", "--alias", "1")]
    [InlineData(1, "stack", "remove", "../tokens")]
    public async Task Name_ThatWouldLeadElsewhere_IsNone_AndNothingIsSent(int code, params string[] line)
    {
        await using var service = await StubService.StartAsync();
        var run = await CliRun.AgainstAsync(service.Url, line);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
        Assert.Contains("' is no name.\nnext:  ", run.Errors);
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("GATEWAYOPS_OPERATOR_TOKEN", "status")]
    [InlineData("GATEWAYOPS_OPERATOR_TOKEN", "logs")]
    [InlineData("AUTH_TOKEN", "models")]
    public async Task Token_ThatNoHeaderCanCarry_IsNamed_AndNotShown(string variable, string verb)
    {
        await using var service = await StubService.StartAsync();
        foreach (var token in new[] { "secret\r", "sec\nret", "sécret" })
        {
            var run = await CliRun.InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.Url.ToString(), [variable] = token }, [verb]);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Contains("a character that a header cannot carry", run.Errors);
            Assert.Contains($"export {variable}=TOKEN", run.Errors);
            Assert.DoesNotContain("cret", run.Errors);
        }

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task LongList_IsReadPageByPage_AndPrintedWhole()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/content", request =>
        {
            var page = request.Path.Contains("cursor=") ? int.Parse(request.Path.Split("cursor=p")[1], CultureInfo.InvariantCulture) : 0;
            var rows = string.Join(',', Enumerable.Range(page * 200, 200).Select(n => $$"""{"name":"rules-{{n:0000}}","latestRevision":1,"active":[]}"""));
            return new StubAnswer($$"""{"configs":[{{rows}}],"next":{{(page == 24 ? "null" : $"\"p{page + 1}\"")}}}""");
        });

        var since = Stopwatch.GetTimestamp();
        var run = await CliRun.AgainstAsync(service.Url, "content", "list");

        Assert.Equal(5001, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("rules-4999", run.Output);
        Assert.Equal(25, service.Requests.Count);
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), $"{Stopwatch.GetElapsedTime(since)}");
    }

    [Fact]
    public async Task Limit_BeyondAPage_IsFilledFromTheNext_AndNoMore()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/runs", request =>
        {
            var limit = int.Parse(request.Path.Split("limit=")[1].Split('&')[0], CultureInfo.InvariantCulture);
            return new StubAnswer($$"""{"runs":[{{string.Join(',', Enumerable.Range(0, limit).Select(n => $$"""{"id":"{{n}}"}"""))}}],"next":"more"}""");
        });

        var run = await CliRun.AgainstAsync(service.Url, "runs", "--limit", "250", "-o", "name");

        Assert.Equal(250, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(["/api/v1/runs?limit=200", "/api/v1/runs?limit=50&cursor=more"], service.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task TextOfOthers_CannotSteerTheTerminal()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/runs", """{"runs":[{"id":"1","gateway":"prod","error":"\u001b[2Jgone\nnext"}]}""");
        var run = await CliRun.AgainstAsync(service.Url, "runs");
        Assert.DoesNotContain('\e', run.Output);
        Assert.Contains("\uFFFD[2Jgone\uFFFDnext", run.Output);
    }

    [Fact, Trait("checklist", "S1-17")]
    public async Task Follow_PrintsNewRowsOnce_OldestFirst_UntilTheReaderGoes()
    {
        await using var service = await StubService.StartAsync();
        var rows = new List<string> { Row(3), Row(2), Row(1) };
        service.On("GET /api/v1/logs", _ =>
        {
            // Two at each look but the first.
            for (var n = rows.Count == 3 ? 1 : 2; n > 0; n--)
            {
                rows.Insert(0, Row(rows.Count + 1));
            }

            return new StubAnswer($$"""{"logs":[{{string.Join(',', rows)}}],"next":null}""");
        });

        using var process = CliRun.Start(["logs", "--follow", "--tail", "2", "-o", "name"], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.Url.ToString() });
        var printed = new List<string?>();
        for (var n = 0; n < 4; n++)
        {
            printed.Add(await process.StandardOutput.ReadLineAsync());
        }

        process.StandardOutput.Close();
        await process.EndAsync();

        Assert.Equal(["row-3", "row-4", "row-5", "row-6"], printed);
        Assert.Equal((141, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));

        static string Row(int n) => $$"""{"id":"row-{{n}}","gateway":"prod"}""";
    }

    /// <summary>A service that is started anew, or a balancer before it, says 503 for a while; and the balancer 502.</summary>
    [Fact]
    public async Task Follow_ServiceThatIsNotReadyForAWhile_GoesOn()
    {
        await using var service = await StubService.StartAsync();
        var looks = 0;
        service.On("GET /api/v1/logs", _ => ++looks switch
        {
            1 => new StubAnswer("""{"logs":[],"next":null}"""),
            2 => new StubAnswer("""{"type":"urn:gatewayops:problem:not_ready","title":"t","status":503,"detail":"The database is away."}""", 503),
            3 => new StubAnswer("<html>", 502),
            _ => new StubAnswer("""{"logs":[{"id":"row-1","gateway":"prod"}],"next":null}"""),
        });

        using var process = CliRun.Start(["logs", "--follow", "-o", "name"], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.Url.ToString() });

        Assert.Equal("row-1", await process.StandardOutput.ReadLineAsync());
        await process.SignalAsync("INT");
        await process.EndAsync();
        Assert.Equal((130, "No logs available yet\nThe database is away. Trying again until it is stopped.\nstopped\n"), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("completion", "bash")]
    public async Task Reader_ThatIsGone_IsNoError(params string[] arguments)
    {
        using var process = CliRun.Start(arguments, new Dictionary<string, string>());
        process.StandardOutput.Close();
        await process.EndAsync();

        Assert.Equal((141, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("add --source proxy", "logs", "--outcome", "ok")]
    [InlineData("leave one of them out", "logs", "--follow", "--until", "1h")]
    [InlineData("ask for 1 or more", "logs", "--tail", "0")]
    public async Task Logs_OptionsThatContradict_SayWhatToDo(string next, params string[] line)
    {
        await using var service = await StubService.StartAsync();
        var run = await CliRun.AgainstAsync(service.Url, line);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(next, run.Errors, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task Follow_Interrupted_StopsWithTheExitCodeOfAShell()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/logs", """{"logs":[],"next":null}""");
        using var process = CliRun.Start(["logs", "--follow"], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.Url.ToString() });
        Assert.Equal("No logs available yet", await process.StandardError.ReadLineAsync());

        await process.SignalAsync("INT");
        await process.EndAsync();

        Assert.Equal((130, "stopped\n"), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
    }

    [Fact, Trait("checklist", "S1-14")]
    public async Task Status_ServiceThatWasNamedIsAway_IsUnknown_AndItsJsonIsValid()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}");
        closed.Stop();

        var run = await CliRun.AgainstAsync(url, "status", "--format", "json");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("unknown", (string)JsonNode.Parse(run.Output)!["state"]!);
        Assert.Contains($"The service at {url} cannot be reached: Connection refused", run.Errors);
    }

    [Theory, Trait("checklist", "S0-02"), Trait("checklist", "S1-13"), Trait("checklist", "S1-14")]
    [InlineData(1, "unknown", "away", "again", true)]
    [InlineData(3, "not-configured", "Not Configured: no Cloudflare credentials were found", "export CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN (tokens with AI Gateway: Edit are made at https://dash.cloudflare.com/profile/api-tokens)", false)]
    [InlineData(3, "not-configured", "Not Configured: CLOUDFLARE_API_TOKEN not set", "export CLOUDFLARE_API_TOKEN (tokens", false, "CLOUDFLARE_ACCOUNT_ID")]
    [InlineData(0, "inactive", "credentials are there (from the environment)", "gatewayops serve", false, "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN")]
    public void Status_NobodyAnswers_TellsByWhatWasNamedAndGiven(int exit, string state, string says, string next, bool named, params string[] variables)
    {
        using var folder = new TemporaryFolder();
        var credentials = Credentials.Find(new Surroundings(variables.ToDictionary(name => name, _ => "value"), folder.Path));
        var absence = StatusCommand.Absence(new ServiceAddress(new Uri("http://127.0.0.1:8787"), null, named), credentials, new ServiceUnreachableException("It is away.", "try again"));
        Assert.Equal((exit, state), (absence.Exit, absence.State));
        Assert.Contains(says, absence.Message);
        Assert.Contains(next, absence.Next);
    }
}
