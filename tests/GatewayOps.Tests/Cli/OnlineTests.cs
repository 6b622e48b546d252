using GatewayOps.Tests.Scenarios;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>What the verbs print of a running service: what README's lines do not reach.</summary>
public sealed class OnlineTests
{
    [Fact, Trait("checklist", "S3-08")]
    public async Task GatewayThatNobodyManages_IsMadeOnce_AndIsNoReasonForConcern()
    {
        await using var world = await ExecutedWorld.StartAsync("""{"name":"rules","settings":{"cache_ttl":300}}""");

        var made = await RunAsync(world, "gateway", "create", "other", "-o", "name");
        var again = await RunAsync(world, "gateway", "create", "other", "-o", "name");
        var status = await RunAsync(world, "status");
        var show = await RunAsync(world, "gateway", "show", "other");

        Assert.Equal((0, "other\n", "created other\n"), (made.ExitCode, made.Output, made.Errors));
        Assert.Equal((0, "other\n", "already there, left as it is: other\n"), (again.ExitCode, again.Output, again.Errors));
        Assert.Contains("\nhealthy ", status.Output);
        Assert.Equal("", status.Errors);
        Assert.Contains("Not compared yet", show.Errors);
    }

    [Fact]
    public async Task Start_GatewayIsThere_SaysSoAndShowsIt()
    {
        await using var world = await ExecutedWorld.StartAsync("""{"name":"rules","settings":{"cache_ttl":300}}""");

        var start = await RunAsync(world, "start");

        Assert.Equal((0, "already active: openai-compat\n"), (start.ExitCode, start.Errors));
        Assert.Contains("rules@1", start.Output);
    }

    [Fact]
    public async Task Yaml_TextThatReadsAsAnotherType_IsQuoted()
    {
        await using var world = await ExecutedWorld.StartAsync("""{"name":"rules","settings":{"cache_ttl":300}}""");

        var show = await RunAsync(world, "gateway", "show", "openai-compat", "-o", "yaml");

        Assert.Contains("  status: \"True\"\n", show.Output);
        Assert.Contains("\nexists: true\n", show.Output);
    }

    private static Task<CliRun> RunAsync(ExecutedWorld world, params string[] arguments) => CliRun.AgainstAsync(world.Service.BaseUrl, arguments);
}
