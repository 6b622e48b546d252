namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>A kind of happening. <paramref name="HappenAsync"/> answers whether it really happened; <paramref name="During"/>: the changes during which it can.</summary>
internal sealed record Kind(string Name, Group Group, Func<ChaosWorld, Happening, Random, Task<bool>> HappenAsync, IReadOnlyList<string>? During = null);

/// <summary>Everything that may happen in a run.</summary>
internal static class Kinds
{
    public const string KilledAnywhere = "killed at any moment";

    // Each of them has something to write, so that a fault or a kill meets it.
    private static readonly string[] Executed = ["settings", "routes", "policies", "custom providers"];
    private static readonly string[] Written = [.. Executed, "key put"];

    public static IReadOnlyList<Kind> All { get; } =
    [
        new("settings", Group.Change, (world, _, random) => Changes.ExecuteAsync(world, random, draft => draft.Settings(random))),
        new("providers", Group.Change, (world, _, random) => Changes.ExecuteAsync(world, random, draft => draft.Providers(random))),
        new("routes", Group.Change, (world, _, random) => Changes.ExecuteAsync(world, random, draft => draft.Routes(random))),
        new("policies", Group.Change, (world, _, random) => Changes.ExecuteAsync(world, random, draft => draft.Policies(random))),
        new("custom providers", Group.Change, (world, _, random) => Changes.ExecuteAsync(world, random, draft => draft.CustomProviders(random))),
        new("paused for a while", Group.Change, (world, _, random) => Changes.PauseAsync(world, random)),
        new("observed for a while", Group.Change, (world, _, random) => Changes.ObserveAsync(world, random)),
        new("added, not executed", Group.Change, (world, _, random) => Changes.AddAsync(world, draft => draft.Settings(random))),
        new("rollback", Group.Change, (world, _, random) => Changes.RollBackAsync(world, random)),
        new("key put", Group.Change, (world, _, random) => Changes.PutKeyAsync(world, random)),
        new("key rotated", Group.Change, (world, _, random) => Changes.RotateKeyAsync(world, random)),
        new("key removed", Group.Change, (world, _, random) => Changes.RemoveKeyAsync(world, random)),

        new("a field of ours moved", Group.Elsewhere, (world, _, random) => Elsewhere.MoveOursAsync(world, random)),
        new("a field of Pulumi's moved", Group.Elsewhere, (world, _, random) => Elsewhere.MovePulumisAsync(world, random)),
        new("an unknown field set", Group.Elsewhere, (world, _, random) => Elsewhere.SetUnknownAsync(world, random)),
        new("another gateway changed", Group.Elsewhere, (world, _, random) => Elsewhere.ChangeForeignGatewayAsync(world, random)),
        new("a secret by hand", Group.Elsewhere, (world, _, _) => Elsewhere.MakeSecretAsync(world)),
        new("a provider_config by hand", Group.Elsewhere, (world, _, _) => Elsewhere.MakeProviderConfigAsync(world)),
        new("a provider_config of ours deleted", Group.Elsewhere, (world, _, random) => Elsewhere.DeleteProviderConfigAsync(world, random)),
        new("a route of ours deployed anew", Group.Elsewhere, (world, _, random) => Elsewhere.DeployRouteAsync(world, random)),
        new("a route of ours deleted", Group.Elsewhere, (world, _, random) => Elsewhere.DeleteRouteAsync(world, random)),
        new("a policy of ours changed", Group.Elsewhere, (world, _, random) => Elsewhere.ChangePolicyAsync(world, random)),
        new("a policy of ours deleted", Group.Elsewhere, (world, _, random) => Elsewhere.DeletePolicyAsync(world, random)),
        new("a custom provider of ours changed", Group.Elsewhere, (world, _, random) => Elsewhere.ChangeCustomProviderAsync(world, random)),
        new("a route by hand", Group.Elsewhere, (world, _, random) => Elsewhere.MakeRouteAsync(world, random)),
        new("a policy by hand", Group.Elsewhere, (world, _, random) => Elsewhere.MakePolicyAsync(world, random)),
        new("a custom provider by hand", Group.Elsewhere, (world, _, _) => Elsewhere.MakeCustomProviderAsync(world)),

        Fault("429", Written, _ => new { path = "*", status = 429, retryAfter = "1", times = 1 }, request => StatusOf(request) == 429),
        Fault("500", Written, random => new { path = "*", status = 500, times = random.Next(1, 5) }, request => StatusOf(request) == 500),
        Fault("503", Written, random => new { path = "*", status = 503, times = random.Next(1, 5) }, request => StatusOf(request) == 503),
        Fault("a timeout without effect", Written, random => new { path = "*", method = WriteOf(random), status = 504, times = random.Next(1, 3) }, request => StatusOf(request) == 504),
        Fault("a timeout with effect", Written, random => new { path = "*", method = WriteOf(random), status = 504, effect = true, times = random.Next(1, 3) }, request => StatusOf(request) == 504),
        Fault("a connection cut after the effect", Written, random => new { path = "*", method = WriteOf(random), dropResponse = true, times = random.Next(1, 3) }, request => request.TryGetProperty("dropped", out var dropped) && dropped.ValueKind == System.Text.Json.JsonValueKind.True),

        .. FaultPointNames.All.Select(point => new Kind($"killed at {point}", Group.Kill, (world, happening, random) => Disasters.KillAtAsync(world, happening, point, random), point.StartsWith("execute", StringComparison.Ordinal) ? Executed : Written)),
        new(KilledAnywhere, Group.Kill, (world, happening, random) => Disasters.KillAnywhereAsync(world, happening, random), Written),

        new("an execute twice at once", Group.Twice, (world, _, random) => Twice.ExecuteAtOnceAsync(world, random)),
        new("an execute again under its key", Group.Twice, (world, _, random) => Twice.ExecuteAgainAsync(world, random)),
        new("two signals at once", Group.Twice, (world, _, random) => Twice.SignalAsync(world, random)),
        new("two replicas at once", Group.Twice, (world, _, random) => Twice.ReplicasAsync(world, random)),

        new("restart", Group.Host, async (world, _, _) => { await world.StopAsync(); await world.ApiAsync(); return true; }),
        new("clock forward", Group.Host, async (world, _, random) =>
        {
            var by = TimeSpan.FromMinutes(random.Next(1, 60 * 48));
            world.Clock.Move(by);
            await world.Cloudflare.AdvanceClockAsync(by);
            return true;
        }),
        new("clock back", Group.Host, (world, _, random) => { world.Clock.Move(-TimeSpan.FromMinutes(random.Next(1, 180))); return Task.FromResult(true); }),
    ];

    private static readonly Dictionary<string, Kind> ByName = All.ToDictionary(kind => kind.Name);

    public static Kind Of(string name) => ByName[name];

    public static string? DuringOf(Kind kind, Random random) => kind.During is { } during ? during[random.Next(during.Count)] : null;

    private static Kind Fault(string name, IReadOnlyList<string> during, Func<Random, object> fault, Func<System.Text.Json.JsonElement, bool> met) =>
        new(name, Group.Fault, (world, happening, random) => Disasters.FailAsync(world, happening, fault(random), met, random), during);

    private static int StatusOf(System.Text.Json.JsonElement request) => request.GetProperty("status").GetInt32();

    // Null is any method, reads too.
    private static string? WriteOf(Random random) => new[] { "PUT", "POST", null }[random.Next(3)];
}
