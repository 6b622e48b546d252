using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>Edits of the desired state, through the API. Without a fault each of them must succeed; with one, what was not acknowledged may or may not be so.</summary>
internal static class Changes
{
    private static readonly (string Provider, string Alias)[] Keys = [("openai", "default"), ("openai", "second"), ("anthropic", "default"), ("groq", "default")];

    /// <summary>Adds a revision and executes it, every other time by the hash of a plan that it looked at before.</summary>
    public static async Task<bool> ExecuteAsync(ChaosWorld world, Random random, Action<Draft> edit)
    {
        if (await NewRevisionAsync(world, edit) is not { } revision)
        {
            return false;
        }

        var prune = random.Next(2) == 0;
        var body = new JsonObject { ["revision"] = revision, ["prune"] = prune, ["allowMassDelete"] = prune };
        return random.Next(2) == 0 ? await ExecuteLookedAtAsync(world, body, revision) : await ActivateAsync(world, "execute", body, revision);
    }

    public static async Task<bool> AddAsync(ChaosWorld world, Action<Draft> edit) => await NewRevisionAsync(world, edit) is not null;

    public static async Task<bool> RollBackAsync(ChaosWorld world, Random random)
    {
        if (world.Beliefs.Added.Count < 2 && !(await ExecuteAsync(world, random, draft => draft.Settings(random)) && await ExecuteAsync(world, random, draft => draft.Settings(random))))
        {
            return false;
        }

        var revision = world.Beliefs.Added[random.Next(world.Beliefs.Added.Count)];
        return await ActivateAsync(world, "rollback", new JsonObject { ["revision"] = revision }, revision);
    }

    /// <summary>Nothing is written while the gateway is paused, and what was moved meanwhile is put right afterwards.</summary>
    public static async Task<bool> PauseAsync(ChaosWorld world, Random random)
    {
        await SetAsync(world, HttpMethod.Post, "pause", []);
        await AssertLeftAloneAsync(world, random);
        await SetAsync(world, HttpMethod.Post, "resume", []);
        return true;
    }

    /// <summary>As with a pause; an execute would be allowed.</summary>
    public static async Task<bool> ObserveAsync(ChaosWorld world, Random random)
    {
        await SetAsync(world, HttpMethod.Put, "control", new JsonObject { ["mode"] = "observe" });
        await AssertLeftAloneAsync(world, random);
        await SetAsync(world, HttpMethod.Put, "control", new JsonObject { ["mode"] = "enforce" });
        return true;
    }

    public static Task<bool> PutKeyAsync(ChaosWorld world, Random random) => PutKeyAsync(world, Keys[random.Next(Keys.Length)], random);

    public static async Task<bool> RotateKeyAsync(ChaosWorld world, Random random)
    {
        var key = Keys[random.Next(Keys.Length)];
        return (IsThere(world, key) || await PutKeyAsync(world, key, random)) && await PutKeyAsync(world, key, random);
    }

    public static async Task<bool> RemoveKeyAsync(ChaosWorld world, Random random)
    {
        var key = Keys[random.Next(Keys.Length)];
        if (!IsThere(world, key) && !await PutKeyAsync(world, key, random))
        {
            return false;
        }

        var said = await world.AskAsync(HttpMethod.Delete, $"provider-keys/{ChaosWorld.Gateway}/{key.Provider}/{key.Alias}");
        Learn(world, key, null, said);
        return Accepted(world, said);
    }

    /// <summary>Adds the next revision; null when that was not acknowledged.</summary>
    public static async Task<int?> NewRevisionAsync(ChaosWorld world, Action<Draft> edit)
    {
        edit(world.Draft);
        var said = await world.AskAsync(HttpMethod.Post, "content?name=rules", world.Draft.Document);
        if (!Accepted(world, said))
        {
            return null;
        }

        var revision = said.Body!["revision"]!.GetValue<int>();
        world.Beliefs.Added.Add(revision);
        return revision;
    }

    public static async Task<bool> ActivateAsync(ChaosWorld world, string verb, JsonObject body, int revision) =>
        Activated(world, await world.AskAsync(HttpMethod.Post, $"content/rules/{verb}", body), revision);

    private static bool Activated(ChaosWorld world, Said said, int revision)
    {
        if (said.IsOk)
        {
            world.Beliefs.Acknowledged.Add(revision);
        }

        return Accepted(world, said);
    }

    // What a killed run left open is found between plan and execute, by whoever is first: then the plan is another one, and is looked at again.
    private static async Task<bool> ExecuteLookedAtAsync(ChaosWorld world, JsonObject body, int revision)
    {
        for (var looks = 1; ; looks++)
        {
            var plan = await world.AskAsync(HttpMethod.Post, "content/rules/plan", body.DeepClone());
            var hashed = body.DeepClone().AsObject();
            if (plan.IsOk)
            {
                hashed["planHash"] = plan.Body!["hash"]!.GetValue<string>();
            }

            var said = await world.AskAsync(HttpMethod.Post, "content/rules/execute", hashed);
            if (looks == 3 || said.Body?["type"]?.GetValue<string>() != "urn:gatewayops:problem:plan_changed")
            {
                return Activated(world, said, revision);
            }
        }
    }

    private static async Task<bool> PutKeyAsync(ChaosWorld world, (string Provider, string Alias) key, Random random)
    {
        var value = $"sk-{key.Provider}-{random.Next(1_000_000):000000}";
        var said = await world.AskAsync(HttpMethod.Post, "provider-keys", new JsonObject
        {
            ["gateway"] = ChaosWorld.Gateway,
            ["provider"] = key.Provider,
            ["alias"] = key.Alias,
            ["value"] = value,
        });
        Learn(world, key, value, said);
        return Accepted(world, said);
    }

    private static async Task SetAsync(ChaosWorld world, HttpMethod method, string what, JsonObject body)
    {
        var said = await world.AskAsync(method, $"gateways/{ChaosWorld.Gateway}/{what}", body);
        Assert.True(said.IsOk, $"{what}: {said.Status} {said.Body?.ToJsonString()}");
    }

    private static async Task AssertLeftAloneAsync(ChaosWorld world, Random random)
    {
        var moved = await world.MeddleAsync(new Dictionary<string, JsonNode?> { ["cache_ttl"] = random.Next(1, 2_000_000) });
        await world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject());
        Assert.Equal(Beliefs.Text(moved), Beliefs.Text(await world.LiveAsync()));
    }

    private static bool IsThere(ChaosWorld world, (string Provider, string Alias) key) =>
        world.Beliefs.Keys.TryGetValue($"{key.Provider}/{key.Alias}", out var values) && !values.Contains(null);

    // What was acknowledged is so; what was not may be.
    private static void Learn(ChaosWorld world, (string Provider, string Alias) key, string? value, Said said)
    {
        var name = $"{key.Provider}/{key.Alias}";
        if (said.IsOk)
        {
            world.Beliefs.Keys[name] = [value];
        }
        else
        {
            world.Beliefs.Keys.TryAdd(name, [null]);
            world.Beliefs.Keys[name].Add(value);
        }
    }

    private static bool Accepted(ChaosWorld world, Said said)
    {
        Assert.True(said.IsOk || world.IsFailing, $"refused although nothing was failing: {said.Status} {said.Body?.ToJsonString()}");
        return said.IsOk;
    }
}
