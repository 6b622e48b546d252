using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>`route-check` and `cache explain` against a running proxy. Source: checklist S1-29, S2-07.</summary>
public sealed class RouteCheckVerbTests(CachingFixture shared) : IClassFixture<CachingFixture>, IDisposable
{
    private readonly ProxyStage _stage = shared.Stage;
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S2-07")]
    public async Task RouteCheck_TellsRuleUpstreamAndVerdict()
    {
        var run = await RunAsync("route-check", "--model", "gpt4");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("gpt4 goes to openai as gpt-4\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("rule       chat", run.Output, StringComparison.Ordinal);
        Assert.Contains("cache      kept for 3600 s; the key depends on the request itself (--file)", run.Output, StringComparison.Ordinal);
        Assert.Contains("verdict    would be asked", run.Output, StringComparison.Ordinal);
        Assert.Equal("openai/gpt-4\n", (await RunAsync("route-check", "--model", "gpt4", "-o", "name")).Output);
    }

    [Fact]
    public async Task RouteCheck_FaultOfTheRequest_IsAnErrorWithTheProxysWords()
    {
        var unknown = await RunAsync("route-check", "--model", "gpt-4", "--provider", "opnai");
        var stranger = await CliRun.InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = _stage.Service.BaseUrl.ToString() }, ["route-check"]);

        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Did you mean `openai`?", unknown.Errors, StringComparison.Ordinal);
        Assert.Equal(2, stranger.ExitCode);
        Assert.Contains("next:  set AUTH_TOKEN", stranger.Errors, StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S1-29")]
    public async Task Explain_SaysWhyARequestMisses()
    {
        var (file, other) = (Write("a.json", ProxyStage.Chat("explained")), Write("b.json", ProxyStage.Chat("something else")));
        Assert.Contains("miss, never seen", (await RunAsync("cache", "explain", "--file", file)).Output, StringComparison.Ordinal);

        var answer = await _stage.ChatAsync("explained");
        await _stage.RecordAsync(answer);

        var hit = await RunAsync("cache", "explain", "--file", file);
        Assert.Equal(0, hit.ExitCode);
        Assert.StartsWith($"hit: request {answer["x-request-id"]} was answered", hit.Output, StringComparison.Ordinal);
        var miss = await RunAsync("cache", "explain", "--file", other);
        Assert.Equal(1, miss.ExitCode);
        Assert.Matches("^miss, never seen: it differs from request [0-9a-f]{32} of .* in body.messages\n", miss.Output);
    }

    [Fact, Trait("checklist", "S1-29")]
    public async Task Explain_TwoRequests_NamesThePartsThatDiffer()
    {
        var first = Write("a.json", ProxyStage.Chat("one", new { temperature = 0 }));
        var same = await RunAsync("cache", "explain", "--file", first, "--with", Write("b.json", ProxyStage.Chat("one", new { temperature = 1 })));
        var other = await RunAsync("cache", "explain", "--file", first, "--with", Write("c.json", ProxyStage.Chat("one", new { stream = true, model = "gpt-4o" })));

        Assert.Equal(0, same.ExitCode);
        Assert.StartsWith("one key: the second is answered from the cache for 3600 s after the first\n", same.Output, StringComparison.Ordinal);
        Assert.Equal(1, other.ExitCode);
        Assert.StartsWith("two keys: they differ in model, stream, body.model\n", other.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string body)
    {
        File.WriteAllText(_folder[name], body);
        return _folder[name];
    }

    private Task<CliRun> RunAsync(params string[] arguments) => CliRun.InAsync(new Dictionary<string, string>
    {
        ["GATEWAYOPS_URL"] = _stage.Service.BaseUrl.ToString(),
        ["AUTH_TOKEN"] = TestService.ProxyToken,
    }, arguments);
}
