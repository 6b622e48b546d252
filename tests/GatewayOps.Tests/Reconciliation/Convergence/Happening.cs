namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>What a happening is counted as.</summary>
internal enum Group
{
    /// <summary>The desired state is edited through the API.</summary>
    Change,

    /// <summary>Somebody else writes to Cloudflare.</summary>
    Elsewhere,

    /// <summary>A change, and Cloudflare or the network fails during it.</summary>
    Fault,

    /// <summary>A change, and the process is killed during it.</summary>
    Kill,

    /// <summary>The same thing is delivered twice, at once or again.</summary>
    Twice,

    /// <summary>The process, or the clock.</summary>
    Host,
}

/// <summary>
/// One step of a run: a kind of <see cref="Kinds"/>, the seed of whatever is random in it, and for a fault, a kill or a double delivery the change during
/// which it happens. A value, so that a run can be printed, repeated and made smaller.
/// </summary>
internal sealed record Happening(string Kind, int Seed, string? During = null)
{
    public override string ToString() => During is null ? $"{Kind} ({Seed})" : $"{Kind} during {During} ({Seed})";
}

/// <summary>Makes runs out of a seed.</summary>
internal static class Sequence
{
    /// <summary>
    /// The runs of <paramref name="seeds"/>: random steps, and among them, dealt out over the runs, each of <paramref name="kinds"/> at least once, so that few
    /// runs cover what many would by chance.
    /// </summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<Happening>> Of(IReadOnlyList<Kind> kinds, IReadOnlyList<int> seeds, int length, IReadOnlyCollection<Group> atRandom)
    {
        var all = kinds.ToArray();
        new Random(seeds[0]).Shuffle(all);
        var runs = new Dictionary<int, IReadOnlyList<Happening>>();
        for (var i = 0; i < seeds.Count; i++)
        {
            var random = new Random(seeds[i]);
            var mine = all.Where((_, index) => index % seeds.Count == i).ToList();
            var drawn = kinds.Where(kind => atRandom.Contains(kind.Group)).ToArray();
            while (mine.Count < length)
            {
                mine.Add(drawn[random.Next(drawn.Length)]);
            }

            var order = mine.ToArray();
            random.Shuffle(order);
            runs[seeds[i]] = [.. order.Select(kind => new Happening(kind.Name, random.Next(1_000_000), Kinds.DuringOf(kind, random)))];
        }

        return runs;
    }
}
