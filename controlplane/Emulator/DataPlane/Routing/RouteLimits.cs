using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>What the limits of dynamic routes have counted, for each version, element and value of the key.</summary>
public sealed class RouteLimits
{
    /// <summary>Keys come from requests. Beyond this many the version's counts begin anew, so that the memory is bounded.</summary>
    public const int MostBuckets = 100_000;

    private readonly ConditionalWeakTable<RouteGraph, Counts> _counts = [];

    public Counts Of(RouteGraph graph) => _counts.GetOrCreateValue(graph);

    public sealed class Counts
    {
        private readonly ConcurrentDictionary<(string Element, string Bucket), RateWindow> _requests = [];
        private readonly ConcurrentDictionary<(string Element, string Bucket), Budget> _budgets = [];

        public RateWindow Requests(RateElement element, string bucket) => Bounded(_requests).GetOrAdd((element.Id, bucket), static _ => new RateWindow());

        public Budget Budget(RateElement element, string bucket) => Bounded(_budgets).GetOrAdd((element.Id, bucket), static _ => new Budget());

        private static ConcurrentDictionary<(string, string), T> Bounded<T>(ConcurrentDictionary<(string, string), T> buckets)
        {
            if (buckets.Count >= MostBuckets)
                buckets.Clear();
            return buckets;
        }
    }
}
