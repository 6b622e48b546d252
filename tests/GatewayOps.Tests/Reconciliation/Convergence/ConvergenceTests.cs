using Xunit.Abstractions;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>
/// Whatever happens, in whatever order: after a quiet period Cloudflare is what was desired, nothing is left to do, and nothing that is not ours was touched.
/// Fixed seeds, and one kill at any moment; many seeds, a kill at every point, and replicas that are real processes, in the long suite.
/// </summary>
public sealed class ConvergenceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task WhateverHappens_AfterAQuietPeriod_LiveIsDesiredAndNothingElseIsTouched()
    {
        var kinds = Kinds.All.Where(kind => kind.Group is not Group.Kill || kind.Name == Kinds.KilledAnywhere).ToList();
        var runs = Sequence.Of(kinds, [16, 17, 18], length: 11, [Group.Change, Group.Elsewhere, Group.Twice]);

        var tally = await Runner.RunAsync(runs, inChildren: false, atOnce: 3, shrinkFor: TimeSpan.FromSeconds(60));

        output.WriteLine($"{tally}");
        Assert.True(tally.Missing(kinds) is [], $"never happened: {string.Join(", ", tally.Missing(kinds))}\n{tally}");
    }
}
