using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>The same delivered twice.</summary>
internal static class Twice
{
    public static async Task<bool> ExecuteAtOnceAsync(ChaosWorld world, Random random)
    {
        if (await Changes.NewRevisionAsync(world, draft => draft.Settings(random)) is not { } revision)
        {
            return false;
        }

        var both = await Task.WhenAll(
            Changes.ActivateAsync(world, "execute", new JsonObject { ["revision"] = revision }, revision),
            Changes.ActivateAsync(world, "execute", new JsonObject { ["revision"] = revision }, revision));
        return both.All(done => done);
    }

    public static async Task<bool> ExecuteAgainAsync(ChaosWorld world, Random random)
    {
        if (await Changes.NewRevisionAsync(world, draft => draft.Settings(random)) is not { } revision)
        {
            return false;
        }

        var key = $"run-{random.Next()}";
        var first = await world.AskAsync(HttpMethod.Post, "content/rules/execute", new JsonObject { ["revision"] = revision }, key);
        var again = await world.AskAsync(HttpMethod.Post, "content/rules/execute", new JsonObject { ["revision"] = revision }, key);
        Assert.True(first.IsOk, $"{first.Status} {first.Body?.ToJsonString()}");
        world.Beliefs.Acknowledged.Add(revision);
        Assert.Equal(first.Body!.ToJsonString(), again.Body!.ToJsonString());
        return true;
    }

    public static async Task<bool> SignalAsync(ChaosWorld world, Random random)
    {
        await Elsewhere.MoveOursAsync(world, random);
        var both = await Task.WhenAll(SignalAsync(world), SignalAsync(world));
        return both.All(said => said.IsOk);
    }

    public static async Task<bool> ReplicasAsync(ChaosWorld world, Random random)
    {
        await using var other = await world.StartServiceAsync();
        await Elsewhere.MoveOursAsync(world, random);
        var both = await Task.WhenAll(SignalAsync(world), SignalAsync(world, other.Operator));
        return both.All(said => said.IsOk);
    }

    private static Task<Said> SignalAsync(ChaosWorld world, HttpClient? api = null) => world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject(), api: api);
}
