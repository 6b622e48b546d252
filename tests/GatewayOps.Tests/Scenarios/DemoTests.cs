using GatewayOps.Cli.Demo;
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

/// <summary>One step broken at a time: the demo fails there and names it. In three classes, because a class runs its cases one after another.</summary>
public abstract class BrokenDemo
{
    protected static readonly string[] Provisioning = ["gateway", "rules", "plain", "streamed"];
    protected static readonly string[] Traffic = ["cached", "failover", "limited"];
    protected static readonly string[] Upkeep = ["logs", "drift", "usage", "metrics"];

    protected static async Task BreakAsync(string step)
    {
        var run = await CliRun.ProcessAsync(["demo", "--break", step]);
        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Errors.Contains($"step `{step}`"), run.Errors);
    }
}

public sealed class BrokenProvisioningTests : BrokenDemo
{
    public static TheoryData<string> Steps => [.. Provisioning];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Demo_StepBroken_FailsAndNamesTheStep(string step) => BreakAsync(step);

    [Fact]
    public void EveryStepOfTheDemo_IsBrokenInOneOfTheClasses() =>
        Assert.Equal(DemoSteps.All.Select(step => step.Name), [.. Provisioning, .. Traffic, .. Upkeep]);
}

public sealed class BrokenTrafficTests : BrokenDemo
{
    public static TheoryData<string> Steps => [.. Traffic];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Demo_StepBroken_FailsAndNamesTheStep(string step) => BreakAsync(step);
}

public sealed class BrokenUpkeepTests : BrokenDemo
{
    public static TheoryData<string> Steps => [.. Upkeep];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Demo_StepBroken_FailsAndNamesTheStep(string step) => BreakAsync(step);
}
