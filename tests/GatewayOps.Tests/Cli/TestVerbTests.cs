using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>`test`: whether a request gets through, a line and a time for each step. Source: checklist S4-16.</summary>
public sealed class TestVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S4-16")]
    public async Task AllIsWell_OneLineAStep_WithItsTime()
    {
        await using var service = await StubService.StartAsync();
        service.Says("ok").On("GET /readyz", "ready");
        var run = await RunAsync(service, "test", "--model", "gpt-4o-mini");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        string[] expected =
        [
            @"^ok    settings     +\d+ ms  the proxy at http://127\.0\.0\.1:\d+/, with a token$", @"^ok    name .* ms  127\.0\.0\.1 is 127\.0\.0\.1$", @"^ok    connection .* ms  127\.0\.0\.1:\d+ speaks HTTP/1\.1$",
            @"^ok    service .* ms  ready$", @"^ok    answer .* ms  gpt-4o-mini by openai says ""ok"" \(14 tokens, \$0\.0000039\)$", @"^ok    stream .* ms  whole, in 1 pieces, the first after \d+ ms$",
        ];
        Assert.Equal(expected.Length, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(expected, line => Assert.Matches(new Regex(line, RegexOptions.Multiline), run.Output));
        Assert.DoesNotContain("canary", run.Output);
        Assert.DoesNotContain(service.Requests, request => request.Path == "/" && request.Authorization is not null);
    }

    [Fact, Trait("checklist", "S4-16")]
    public async Task StepThatFails_SaysWhy_AndTheOthersAreNotTried()
    {
        await using var service = await StubService.StartAsync();
        service.Fails(401, "invalid_api_key", "no").On("GET /readyz", "ready");
        var refused = await RunAsync(service, "test", "-o", "json");
        Assert.Equal(1, refused.ExitCode);
        var steps = JsonNode.Parse(refused.Output)!["steps"]!.AsArray().ToDictionary(step => (string)step!["step"]!, step => step!);
        Assert.Equal((false, null), ((bool)steps["answer"]["ok"]!, steps["stream"]["ok"]));
        Assert.Contains("set AUTH_TOKEN", (string)steps["answer"]["next"]!);
        Assert.DoesNotContain("canary", refused.Output);

        service.On("GET /readyz", "no", status: 503);
        Assert.Contains("gatewayops doctor says what is missing", (await RunAsync(service, "test")).Output);
    }

    [Fact, Trait("checklist", "S4-18")]
    public async Task NobodyThere_SaysHowFarItCame()
    {
        var closed = await RunAsync("http://127.0.0.1:9", "test");
        Assert.Equal(1, closed.ExitCode);
        Assert.Matches(new Regex(@"^FAIL  connection .*no connection \(TCP\)", RegexOptions.Multiline), closed.Output);
        Assert.Equal(3, Regex.Count(closed.Output, "^skip ", RegexOptions.Multiline));
    }

    [Fact, Trait("checklist", "S4-16")]
    public async Task Direct_AsksTheGateway()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("ok"), ScriptedGateway.Says("ok"), ScriptedGateway.Events(ModelStub.Chunk("ok") + ModelStub.End));
        var run = await CliRun.InAsync(
            new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = "acc", ["CLOUDFLARE_GATEWAY_TOKEN"] = "canary-token", ["LLM_PROVIDER"] = "openai", ["CLOUDFLARE_GATEWAY_BASE_URL"] = gateway.BaseUrl.ToString(), ["GATEWAYOPS_URL"] = "http://127.0.0.1:9" },
            ["test", "--direct"], _folder.Path);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Contains("openai by http://127.0.0.1", run.Output);
        Assert.Equal(["/", "/v1/acc/openai-compat/compat/chat/completions", "/v1/acc/openai-compat/compat/chat/completions"], gateway.Asked.Select(asked => asked.Path));
        Assert.DoesNotContain("canary", run.Output + run.Errors);
    }

    public void Dispose() => _folder.Dispose();

    private Task<CliRun> RunAsync(StubService service, params string[] line) => RunAsync(service.Url.ToString(), line);

    private Task<CliRun> RunAsync(string url, params string[] line) =>
        CliRun.InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = url, ["AUTH_TOKEN"] = "canary-caller", ["GATEWAYOPS_OPERATOR_TOKEN"] = "canary-operator" }, line, _folder.Path);
}
