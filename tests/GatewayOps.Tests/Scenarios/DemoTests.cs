using GatewayOps.Cli.Demo;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>The demo as a user runs it: real processes, real figures, and a failure that names its step.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_FromNothing_PrintsFiguresReadBackFromPublicEndpoints()
    {
        var run = await CliRun.ProcessAsync(["demo"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.All(["requests", "cache hits", "fallbacks", "tokens out", "cost in USD", "drift found", "drift left", "log rows polled"], figure => Assert.Contains(figure, run.Output));
    }

    public static TheoryData<string> Steps => [.. DemoSteps.All.Select(step => step.Name)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Demo_StepBroken_FailsAndNamesTheStep(string step)
    {
        var run = await CliRun.ProcessAsync(["demo", "--break", step]);
        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Errors.Contains($"step `{step}`"), run.Errors);
    }
}
