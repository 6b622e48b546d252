using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Rules;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Content.Replay;

/// <summary>What a record holds of a request that decides about it. <paramref name="AskedModel"/> null: it was refused before anything was decided, or recorded before this was kept.</summary>
public sealed record RecordedRequest(string RequestId, DateTimeOffset At, string Method, string Path, string Gateway, string? VirtualKey, string? AskedModel, string? AskedProvider);

/// <summary>The rule sets of one gateway as they are, and as they would be.</summary>
public sealed record ReplayTables(RouteTable Before, RouteTable After);

/// <summary>Compares decisions request by request. Pure, and as large as its answer: how many requests it is given does not matter.</summary>
public sealed class ReplayComparison(IReadOnlyDictionary<string, ReplayTables> gateways)
{
    public const int MostExamples = 50;
    public const int MostGroups = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // By route: one rule decides many requests, and is put into words once.
    private readonly Dictionary<Route, Decision> _decisions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Before, string After), ReplayGroup> _groups = [];
    private readonly Dictionary<string, int> _reasons = [];
    private readonly List<ReplayChange> _examples = [];
    private int _compared;
    private int _changed;

    public void Add(RecordedRequest request)
    {
        if (request.AskedModel is not { } model)
        {
            Skip("it was refused before a rule was chosen, or recorded by a version that did not keep what it asked for");
            return;
        }

        var (before, after) = gateways[request.Gateway];
        var facts = new RequestFacts(request.Method, request.Path, model, request.AskedProvider) { Key = request.VirtualKey };
        if (before.MatchWithoutDetails(facts, out var unknown) is not { } was || after.MatchWithoutDetails(facts, out unknown) is not { } willBe)
        {
            Skip($"{unknown}, which records do not hold");
            return;
        }

        _compared++;
        var (old, now) = (DecisionOf(was), DecisionOf(willBe));
        if (old.Text == now.Text)
        {
            return;
        }

        _changed++;
        var key = (old.Text, now.Text);
        _groups[key] = _groups.TryGetValue(key, out var group)
            ? group with { Count = group.Count + 1 }
            : new ReplayGroup(1, Differing(old.Text, now.Text), old.Shown, now.Shown, request.RequestId);
        if (_examples.Count < MostExamples)
        {
            _examples.Add(new ReplayChange(request.RequestId, request.At, request.Gateway, request.Path, model, old.Shown, now.Shown));
        }
    }

    public ReplayAnswer ToAnswer() => new(
        _compared,
        _changed,
        [.. _groups.Values.OrderByDescending(group => group.Count).ThenBy(group => group.Example, StringComparer.Ordinal).Take(MostGroups)],
        _examples,
        new NotComparable(_reasons.Values.Sum(), [.. _reasons.OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => new NotComparableReason(reason.Key, reason.Value))]));

    private void Skip(string reason) => _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;

    private Decision DecisionOf(Route route)
    {
        if (!_decisions.TryGetValue(route, out var decision))
        {
            var shown = ReplayDecision.Of(route);
            _decisions[route] = decision = new Decision(shown, JsonSerializer.Serialize(shown, Json));
        }

        return decision;
    }

    private static IReadOnlyList<string> Differing(string before, string after)
    {
        var (old, now) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject());
        return [.. old.Select(member => member.Key).Where(name => !JsonNode.DeepEquals(old[name], now[name]))];
    }

    /// <summary><paramref name="Text"/>: equal texts, equal decisions.</summary>
    private sealed record Decision(ReplayDecision Shown, string Text);
}
