using System.Text;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>Lets runs happen, counts what did, and makes a run that fails smaller.</summary>
internal static class Runner
{
    /// <summary>Every run in a world of its own, <paramref name="atOnce"/> of them at a time. Throws with the seed and the steps of the first that failed.</summary>
    public static async Task<Tally> RunAsync(IReadOnlyDictionary<int, IReadOnlyList<Happening>> runs, bool inChildren, int atOnce, TimeSpan shrinkFor)
    {
        var tally = new Tally();
        await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (run, cancellationToken) =>
        {
            var (seed, happenings) = run;
            if (await FailureAsync(seed, happenings, inChildren, tally) is { } failure && !cancellationToken.IsCancellationRequested)
            {
                var (smaller, its) = await ShrinkAsync(seed, happenings, failure, inChildren, shrinkFor);
                Assert.Fail(Explain(seed, happenings.Count, smaller, its));
            }
        });
        return tally;
    }

    /// <summary>Null when all is as it should be at the end.</summary>
    private static async Task<Exception?> FailureAsync(int seed, IReadOnlyList<Happening> happenings, bool inChildren, Tally? tally)
    {
        await using var world = await ChaosWorld.StartAsync(inChildren, seed);
        try
        {
            foreach (var happening in happenings)
            {
                if (await Kinds.Of(happening.Kind).HappenAsync(world, happening, new Random(happening.Seed)))
                {
                    tally?.Add(happening.Kind);
                }
            }

            await Quiet.SettleAsync(world);
            await Quiet.AssertAsync(world);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    // Leaves out as much as it can while the run goes on failing: halves first, then single steps.
    private static async Task<(IReadOnlyList<Happening> Happenings, Exception Failure)> ShrinkAsync(
        int seed, IReadOnlyList<Happening> happenings, Exception failure, bool inChildren, TimeSpan atMost)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var size = happenings.Count / 2; size >= 1; size /= 2)
        {
            for (var at = 0; at < happenings.Count && TimeProvider.System.GetElapsedTime(started) < atMost;)
            {
                IReadOnlyList<Happening> fewer = [.. happenings.Take(at), .. happenings.Skip(at + size)];
                if (await FailureAsync(seed, fewer, inChildren, tally: null) is { } same)
                {
                    (happenings, failure) = (fewer, same);
                }
                else
                {
                    at += size;
                }
            }
        }

        return (happenings, failure);
    }

    private static string Explain(int seed, int length, IReadOnlyList<Happening> happenings, Exception failure)
    {
        var text = new StringBuilder().AppendLine($"Run {seed} of {length} happenings fails; so do these {happenings.Count} of them:");
        foreach (var happening in happenings)
        {
            text.AppendLine($"  {happening}");
        }

        return text.AppendLine().Append(failure).ToString();
    }
}
