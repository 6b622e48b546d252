using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Contexts;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>`config`: several control planes, and which of them a line reaches.</summary>
[SupportedOSPlatform("linux")]
public sealed class ContextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder[".config/gatewayops/contexts.json"];

    [Fact]
    public async Task Contexts_AreMade_Used_AndForgotten_AndNothingShowsATokenOfOne()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/runs", """{"runs":[]}""").On("GET /v1/route-check", """{"upstreams":[],"verdict":{"allowed":true},"cache":{"state":"off"}}""");
        File.WriteAllText(_folder["token"], "canary-operator\n");

        var made = await RunAsync("config", "set-context", "prod", "--url", service.Url.ToString(), "--from-file", _folder["token"], "--proxy-from-env", "TEAM", "--use");
        var other = await RunAsync("config", "set-context", "dev", "--url", "http://127.0.0.1:9");
        Assert.Equal((0, "", "made prod, the current context now\n"), (made.ExitCode, made.Output, made.Errors));
        Assert.Equal((0, "made dev\nnext:  gatewayops config use-context dev\n"), (other.ExitCode, other.Errors));

        Assert.Equal(0, (await RunAsync("runs")).ExitCode);
        await RunAsync("route-check", "--model", "m");
        Assert.Equal(["Bearer canary-operator", "Bearer canary-caller"], service.Requests.Select(request => request.Authorization));

        foreach (var format in new[] { "table", "json", "yaml", "name" })
        {
            foreach (var verb in new[] { "get-contexts", "current-context" })
            {
                var run = await RunAsync("config", verb, "-o", format);
                Assert.Equal(0, run.ExitCode);
                Assert.Contains("prod", run.Output);
                Assert.DoesNotContain("canary", run.Output + run.Errors);
            }
        }

        var rows = JsonNode.Parse((await RunAsync("config", "get-contexts", "-o", "json")).Output)!["contexts"]!.AsArray();
        Assert.Equal([("dev", false, false, false), ("prod", true, true, true)], rows.Select(row => ((string)row!["name"]!, (bool)row["current"]!, (bool)row["hasOperatorToken"]!, (bool)row["hasProxyToken"]!)));

        await RunAsync("config", "use-context", "dev");
        Assert.Contains("gatewayops config get-contexts", (await RunAsync("runs")).Errors);
        Assert.Equal(0, (await RunAsync("runs", "--context", "prod")).ExitCode);
        Assert.Equal("changed prod\nnext:  gatewayops config use-context prod\n", (await RunAsync("config", "set-context", "prod", "--from-env", "TEAM")).Errors);
        await RunAsync("runs", "--context", "prod");
        Assert.Equal("Bearer canary-caller", service.Requests[^1].Authorization);

        await RunAsync("config", "delete-context", "dev");
        Assert.Contains("There is no current context", (await RunAsync("config", "current-context")).Errors);
        Assert.Equal("prod\n", (await RunAsync("config", "get-contexts", "-o", "name")).Output);
    }

    [Fact]
    public async Task File_IsItsOwnersAlone_AndReplacedWhole()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, """{"current":null,"contexts":[]}""");
        File.SetUnixFileMode(FilePath, (UnixFileMode)0b110_100_100);
        await RunAsync("config", "set-context", "prod", "--url", "http://127.0.0.1:9");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal([FilePath], Directory.EnumerateFiles(Path.GetDirectoryName(FilePath)!));

        await RunWithAsync(new() { ["XDG_CONFIG_HOME"] = _folder["xdg"] }, "config", "set-context", "prod", "--url", "http://127.0.0.1:9");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["xdg/gatewayops"]));
        await RunWithAsync(new() { ["GATEWAYOPS_CONFIG"] = _folder["elsewhere.json"] }, "config", "set-context", "prod", "--url", "http://127.0.0.1:9");
        Assert.True(File.Exists(_folder["elsewhere.json"]));
    }

    [Theory]
    [InlineData("There is no context nowhere; there is prod", "config", "use-context", "nowhere")]
    [InlineData("There is no context nowhere", "runs", "--context", "nowhere")]
    [InlineData("There is no context nowhere", "config", "delete-context", "nowhere")]
    [InlineData("--url is missing", "config", "set-context", "new")]
    [InlineData("is not an http or https URL", "config", "set-context", "new", "--url", "ftp://x")]
    [InlineData("holds credentials", "config", "set-context", "new", "--url", "http://user:canary@x")]
    [InlineData("1 to 64 letters", "config", "set-context", "a b", "--url", "http://x")]
    [InlineData("NONE holds no secret", "config", "set-context", "new", "--url", "http://x", "--from-env", "NONE")]
    public async Task Fault_SaysWhat_AndTheNextCommand_AndChangesNothing(string says, params string[] line)
    {
        await RunAsync("config", "set-context", "prod", "--url", "http://127.0.0.1:9");
        var before = await File.ReadAllBytesAsync(FilePath);
        var run = await RunAsync(line);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Errors);
        Assert.Contains("next:  ", run.Errors);
        Assert.DoesNotContain("canary", run.Errors);
        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath));
    }

    [Fact]
    public async Task Batch_ThroughAContext_ShowsTheTokenOfItsCallers()
    {
        await using var service = await StubService.StartAsync();
        service.Says("Hello");
        await RunAsync("config", "set-context", "prod", "--url", service.Url.ToString(), "--proxy-from-env", "TEAM");
        File.WriteAllText(_folder["prompts.jsonl"], """{"id":"a","prompt":"Hi"}""");

        var run = await RunAsync("batch", "run", "prompts.jsonl", "--model", "gpt-4o-mini", "--context", "prod");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(["Bearer canary-caller"], service.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task FileThatIsBroken_IsNamed_AndShowsNoLineOfIt()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, "{\"contexts\":[{\"name\":\"prod\",\"operatorToken\":\"canary\"\n");
        var run = await RunAsync("runs");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(FilePath, run.Errors);
        Assert.DoesNotContain("canary", run.Errors);
    }

    [Theory]
    [InlineData("flag", AddressSource.Flag, "http://flag/", "of-flag", "of-flag-caller", "context", "environment", "dev", "flag")]
    [InlineData("environment", AddressSource.Environment, "http://environment/", "of-environment", "of-environment-caller", "context", "environment", "dev")]
    [InlineData("a running dev", AddressSource.Dev, "http://dev/", "of-dev", null, "context", "dev")]
    [InlineData("current context", AddressSource.Context, "http://context/", "of-context", "of-context-caller", "context")]
    [InlineData("nobody", AddressSource.Default, "http://127.0.0.1:8787/", null, null)]
    public void Address_IsThatOfTheStrongest(string who, AddressSource source, string url, string? token, string? proxyToken, params string[] there)
    {
        var variables = there.Contains("environment")
            ? new Dictionary<string, string> { ["GATEWAYOPS_URL"] = "http://environment", ["GATEWAYOPS_OPERATOR_TOKEN"] = "of-environment", ["AUTH_TOKEN"] = "of-environment-caller" }
            : [];
        var contexts = ContextFile.Of(new Surroundings(new Dictionary<string, string> { ["HOME"] = _folder.Path }, _folder.Path));
        contexts.Write(new ContextList(there.Contains("context") ? "context" : null,
            [new("context", new Uri("http://context"), "of-context", "of-context-caller"), new("flag", new Uri("http://flag"), "of-flag", "of-flag-caller")]));
        if (there.Contains("dev"))
        {
            new DevAddress(new Uri("http://dev"), "of-dev").Write(_folder.Path);
        }

        var found = ServiceAddress.Find(variables, _folder.Path, contexts, there.Contains("flag") ? "flag" : null);

        Assert.True((source, url, token, proxyToken) == (found.Source, found.Url.ToString(), found.Token, found.ProxyToken), $"{who}: {found.Source} {found.Url} {found.Token} {found.ProxyToken}");
        Assert.DoesNotContain("of-", found.ToString());
    }

    [Fact]
    public void TokenOfTheEnvironment_WinsOverThatOfTheCurrentContext_AndServesOneThatHasNone()
    {
        var contexts = ContextFile.Of(new Surroundings(new Dictionary<string, string> { ["HOME"] = _folder.Path }, _folder.Path));
        contexts.Write(new ContextList("context", [new("bare", new Uri("http://bare")), new("context", new Uri("http://context"), "of-context")]));
        var variables = new Dictionary<string, string> { ["GATEWAYOPS_OPERATOR_TOKEN"] = "of-environment" };
        Assert.Equal("of-environment", ServiceAddress.Find(variables, _folder.Path, contexts).Token);
        Assert.Equal("of-context", ServiceAddress.Find(variables, _folder.Path, contexts, "context").Token);
        Assert.Equal("of-environment", ServiceAddress.Find(variables, _folder.Path, contexts, "bare").Token);
    }

    public void Dispose() => _folder.Dispose();

    private Task<CliRun> RunAsync(params string[] line) => RunWithAsync([], line);

    private Task<CliRun> RunWithAsync(Dictionary<string, string> variables, params string[] line) =>
        CliRun.InAsync(new Dictionary<string, string>(variables) { ["HOME"] = _folder.Path, ["TEAM"] = "canary-caller" }, line, _folder.Path);
}
