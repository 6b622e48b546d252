using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>What the older systems' users type without thinking: names, defaults and figures of everyday verbs.</summary>
public sealed class EverydayVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory, Trait("checklist", "S1-18")]
    [InlineData("{}", null, "gateway-rules")]
    [InlineData("{}", "others", "others")]
    [InlineData("""{"name":"of-the-document"}""", null, "of-the-document")]
    public async Task ContentAdd_IsCalledAsTheFile_UnlessItIsNamed(string document, string? name, string stored)
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/content", """{"name":"any","revision":1}""", 201);
        await File.WriteAllTextAsync(_folder["gateway-rules.json"], document);

        var run = await CliRun.AgainstAsync(service.Url, ["content", "add", "--file", _folder["gateway-rules.json"], .. name is null ? Array.Empty<string>() : ["--name", name]]);

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal($"/api/v1/content?name={stored}", service.Request.Path);
        Assert.Equal(document, service.Request.Body);
    }

    [Fact, Trait("checklist", "S1-18")]
    public async Task ContentAdd_FileThatIsNotThere_IsToldAndNothingIsSent()
    {
        await using var service = await StubService.StartAsync();

        var run = await CliRun.AgainstAsync(service.Url, "content", "add", "--file", _folder["none.json"]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("none.json cannot be read", run.Errors);
        Assert.Empty(service.Requests);
    }

    [Fact, Trait("checklist", "S1-14")]
    public async Task Status_ShowsGatewaysRequestsAndCacheHits()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /version", """{"version":"1.2.3"}""");
        service.On("GET /api/v1/gateways", """{"gateways":[{"gateway":"prod","exists":true,"desired":"none","conditions":[]}],"next":null}""");
        service.On("GET /api/v1/usage", """{"total":{"requests":42,"cacheHits":7}}""");

        var table = await CliRun.AgainstAsync(service.Url, "status");
        var json = JsonNode.Parse((await CliRun.AgainstAsync(service.Url, "status", "--format", "json")).Output)!;

        Assert.True(table.ExitCode == 0, table.Errors);
        Assert.Matches("(?m)^healthy +1.2.3 +prod +42 +7$", table.Output);
        Assert.Equal(("healthy", "prod", 42, 7), ((string?)json["state"], (string?)json["gateways"]![0], (int)json["requests"]!, (int)json["cacheHits"]!));
    }

    [Fact, Trait("checklist", "S1-31")]
    public async Task Open_AndHelp_PrintTheThreeLinks()
    {
        string[] links = ["https://developers.cloudflare.com/ai-gateway/", "https://dash.cloudflare.com/profile/api-tokens", "https://dash.cloudflare.com/ai-gateway"];

        var open = await CliRun.InProcessAsync("open", "-o", "name");
        var help = await CliRun.InProcessAsync("--help");

        Assert.Equal(links, open.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(links, link => Assert.Contains(link, help.Output));
    }

    [Fact, Trait("checklist", "S2-25")]
    public void Dev_ListensOnThePortsThatTheGuidesName()
    {
        var dev = CommandTree.Build(new Shell(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), _folder.Path))).Parse("dev");

        Assert.Empty(dev.Errors);
        Assert.Equal((8787, 8788), (dev.GetValue<int>("--port"), dev.GetValue<int>("--emulator-port")));
    }

    public void Dispose() => _folder.Dispose();
}
