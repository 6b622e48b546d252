using System.Globalization;
using GatewayOps.Tests.Reconciliation.Convergence;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>
/// The convergence property over many seeds, with half of the replicas and everything that is killed as real processes. `GATEWAYOPS_CHAOS_SEEDS` is how many
/// (24; about a minute for each eight), `GATEWAYOPS_CHAOS_FIRST` the first of them (1), as when a failure named its seed.
/// </summary>
public sealed class ManyRunsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task WhateverHappens_OverManySeeds_LiveIsDesiredAndNothingElseIsTouched()
    {
        var (first, count) = (Number("GATEWAYOPS_CHAOS_FIRST", 1), Number("GATEWAYOPS_CHAOS_SEEDS", 24));
        var runs = Sequence.Of(Kinds.All, [.. Enumerable.Range(first, count)], length: 24, Enum.GetValues<Group>());
        var started = TimeProvider.System.GetTimestamp();

        var tally = await Runner.RunAsync(runs, inChildren: true, atOnce: 3, shrinkFor: TimeSpan.FromMinutes(5));

        var report = $"{count} runs of 24 happenings, seeds {first} to {first + count - 1}, {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s\n{tally}";
        output.WriteLine(report);
        Assert.True(tally.Missing(Kinds.All) is [] || count < 4, $"never happened: {string.Join(", ", tally.Missing(Kinds.All))}\n{report}");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : otherwise;
}
