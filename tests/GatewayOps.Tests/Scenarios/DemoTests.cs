using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>The demo as a user runs it: real processes, and figures that were read back.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_FromNothing_PrintsFiguresReadBackFromPublicEndpoints()
    {
        var run = await CliRun.ProcessAsync(["demo"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.All(["requests", "cache hits", "fallbacks", "tokens out", "cost in USD", "drift found", "drift left", "log rows polled"], figure => Assert.Contains(figure, run.Output));
    }
}

/// <summary>A step broken: the demo fails there and names it. Here an early one, whose fault is the subtlest (a stream that is cut); every step in the long suite.</summary>
public sealed class BrokenDemoTests
{
    [Theory]
    [InlineData("streamed")]
    public Task Demo_StepBroken_FailsAndNamesTheStep(string step) => BreakAsync(step);

    internal static async Task BreakAsync(string step)
    {
        var run = await CliRun.ProcessAsync(["demo", "--break", step]);
        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Errors.Contains($"step `{step}`"), run.Errors);
    }
}
