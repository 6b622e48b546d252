using Xunit.Abstractions;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>
/// Whatever happens, in whatever order: after a quiet period Cloudflare is what was desired, nothing is left to do, and nothing that is not ours was touched.
/// Fixed seeds; many of them, and replicas that are real processes, in the long suite.
/// </summary>
public sealed class ConvergenceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task WhateverHappens_AfterAQuietPeriod_LiveIsDesiredAndNothingElseIsTouched()
    {
        var runs = Sequence.Of([1, 2, 3, 4], length: 11, [Group.Change, Group.Elsewhere, Group.Twice]);

        var tally = await Runner.RunAsync(runs, inChildren: false, atOnce: 4, shrinkFor: TimeSpan.FromSeconds(60));

        output.WriteLine($"{tally}");
        Assert.True(tally.Missing.Count == 0, $"never happened: {string.Join(", ", tally.Missing)}\n{tally}");
    }
}
