using GatewayOps.Cli.Demo;

namespace GatewayOps.Long.Tests.Scenarios;

/// <summary>Every step of the demo broken, one at a time.</summary>
public sealed class BrokenDemoTests
{
    public static TheoryData<string> Steps => [.. DemoSteps.All.Select(step => step.Name)];

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Demo_StepBroken_FailsAndNamesTheStep(string step) => GatewayOps.Tests.Scenarios.BrokenDemoTests.BreakAsync(step);
}
