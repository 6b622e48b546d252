using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>
/// The end of a run: nothing fails any more, the service looks until it finds nothing to do, and then all must be as it should. What Cloudflare has is read
/// from the emulator itself, what is desired from the stored revision that the activation history names: neither by the code under test.
/// </summary>
internal static class Quiet
{
    private const int MostLooks = 6;

    public static async Task SettleAsync(ChaosWorld world)
    {
        await world.Cloudflare.ClearManagementFaultsAsync();
        // What was moved too often is left alone until an operator says otherwise.
        var resumed = await world.AskAsync(HttpMethod.Post, $"gateways/{ChaosWorld.Gateway}/resume", new JsonObject());
        Assert.True(resumed.IsOk, $"{resumed.Status} {resumed.Body?.ToJsonString()}");
        for (var look = 1; ; look++)
        {
            var said = await world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject());
            Assert.True(said.IsOk, $"{said.Status} {said.Body?.ToJsonString()}");
            var runs = said.Body!["runs"]!.AsArray();
            if (runs.All(run => run!["outcome"]!.GetValue<string>() == "succeeded" && run["changes"]!.AsArray().All(change => change!["result"]!.GetValue<string>() == "reported")))
            {
                return;
            }

            Assert.True(look < MostLooks, $"still something to do after {MostLooks} looks:\n{runs.ToJsonString()}");
        }
    }

    public static async Task AssertAsync(ChaosWorld world)
    {
        await world.Beliefs.AssertUntouchedAsync(world);
        var secrets = await SecretsAsync(world);
        await AssertKeysAsync(world, secrets);
        await AssertDesiredAsync(world, isPruned: false);
        await PruneAsync(world);
        await AssertDesiredAsync(world, isPruned: true);
        await world.Beliefs.AssertUntouchedAsync(world);
        await AssertNoDuplicatesAsync(world, secrets);
        await AssertHistoryAsync(world);

        var drift = await world.AskAsync(HttpMethod.Get, $"gateways/{ChaosWorld.Gateway}/drift");
        Assert.True(drift.Status == 404 || drift.Body?["drifted"]!.GetValue<bool>() is false, $"the plan is not empty: {drift.Body?.ToJsonString()}");
        Assert.Equal([0L], await world.Database.QueryAsync<long>("select count(*) from operations where status = 'pending'"));
        Assert.Equal([0L], await world.Database.QueryAsync<long>("select count(*) from runs where outcome = 'running'"));
    }

    private static async Task<(int Revision, JsonObject Document)?> ActiveAsync(ChaosWorld world) => await world.Database.QueryAsync<string>(
        """
        select a.revision || ' ' || convert_from(r.document, 'UTF8')
        from (select revision from activations where gateway = 'prod' and rule_set = 'rules' order by id desc limit 1) a join revisions r on r.rule_set = 'rules' and r.number = a.revision
        """) is [var row] && row.Split(' ', 2) is [var number, var text] ? (int.Parse(number), JsonNode.Parse(text)!.AsObject()) : null;

    // What an execute without it left, one with it takes away: then there is exactly what is declared.
    private static async Task PruneAsync(ChaosWorld world)
    {
        if (await ActiveAsync(world) is var (revision, _))
        {
            await Changes.ActivateAsync(world, "execute", new JsonObject { ["revision"] = revision, ["prune"] = true, ["allowMassDelete"] = true }, revision);
            await SettleAsync(world);
        }
    }

    private static async Task AssertDesiredAsync(ChaosWorld world, bool isPruned)
    {
        if (await ActiveAsync(world) is not var (_, document))
        {
            return;
        }

        var live = await world.LiveAsync();
        foreach (var (field, value) in document["settings"]?.AsObject() ?? [])
        {
            Assert.True(JsonNode.DeepEquals(value, live[field]), $"{field} is desired as {Beliefs.Text(value)} and is {Beliefs.Text(live[field])}");
        }

        const string Routes = $"ai-gateway/gateways/{ChaosWorld.Gateway}/routes";
        foreach (var (declared, route) in await PairedAsync(world, document["routes"], Routes, "name", isPruned))
        {
            var deployed = (await world.CloudflareAsync(HttpMethod.Get, $"{Routes}/{route["id"]}"))["result"]!["version"]!["data"];
            Assert.True(TimeoutOf(declared["elements"]) == TimeoutOf(deployed), $"route {declared["name"]} is desired with {Beliefs.Text(declared["elements"])} and deployed with {Beliefs.Text(deployed)}");
        }

        foreach (var (declared, policy) in await PairedAsync(world, document["policies"], $"ai-gateway/gateways/{ChaosWorld.Gateway}/policies", "name", isPruned))
        {
            foreach (var member in new[] { "type", "amount", "period" })
            {
                Assert.True(JsonNode.DeepEquals(declared["action"]![member], policy["action"]![member]), $"policy {declared["name"]} is {policy["action"]!.ToJsonString()}");
            }
        }

        foreach (var (declared, provider) in await PairedAsync(world, document["custom_providers"], "ai-gateway/custom-providers", "slug", isPruned))
        {
            Assert.Equal(declared["base_url"]!.GetValue<string>().TrimEnd('/'), provider["base_url"]!.GetValue<string>().TrimEnd('/'));
        }
    }

    /// <summary>Each that is declared, with the one that is there; after a prune there is no other that was not made by hand.</summary>
    private static async Task<IReadOnlyList<(JsonObject Declared, JsonObject Live)>> PairedAsync(ChaosWorld world, JsonNode? declared, string list, string key, bool isPruned)
    {
        var live = (await world.ListAsync(list)).ToDictionary(item => item[key]!.GetValue<string>());
        var wanted = (declared?.AsArray() ?? []).Select(item => item!.AsObject()).ToDictionary(item => item[key]!.GetValue<string>());
        Assert.Empty(wanted.Keys.Except(live.Keys).Select(name => $"{name} is declared and not in {list}"));
        Assert.Empty(live.Keys.Where(name => isPruned && !name.StartsWith("by", StringComparison.Ordinal)).Except(wanted.Keys).Select(name => $"{name} is not declared and still in {list}"));
        return [.. wanted.Select(one => (one.Value, live[one.Key]))];
    }

    // Graphs of these runs differ in the time of their one model.
    private static int TimeoutOf(JsonNode? elements) =>
        elements!.AsArray().Single(element => element!["type"]!.GetValue<string>() == "model")!["properties"]!["timeout"]!.GetValue<int>();

    private static async Task AssertKeysAsync(ChaosWorld world, IReadOnlyList<JsonObject> secrets)
    {
        var declared = await world.Database.QueryAsync<string>("select provider || '/' || alias from provider_keys order by 1");
        var values = (world.Cloudflare.Account.Store?.Secrets ?? []).ToDictionary(secret => secret.Id, secret => secret.Value);
        var configs = (await world.ListAsync($"ai-gateway/gateways/{ChaosWorld.Gateway}/provider_configs"))
            .Where(config => !config["alias"]!.GetValue<string>().StartsWith("hand", StringComparison.Ordinal))
            .ToDictionary(config => $"{config["provider_slug"]}/{config["alias"]}");
        var ours = secrets.Where(secret => secret["name"]!.GetValue<string>() is var name && !name.Contains("hand", StringComparison.Ordinal)).ToDictionary(secret => secret["name"]!.GetValue<string>());
        Assert.Equal(declared, configs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(declared.Select(SecretOf).Order(StringComparer.Ordinal), ours.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, possible) in world.Beliefs.Keys)
        {
            var secret = ours.GetValueOrDefault(SecretOf(key));
            var value = secret is null ? null : values[secret["id"]!.GetValue<string>()];
            Assert.True(possible.Contains(value), $"key {key} is {value ?? "absent"}, and what was asked for says {string.Join(" or ", possible.Select(one => one ?? "absent"))}");
            Assert.True(secret is null || secret["id"]!.GetValue<string>() == configs[key]["secret_id"]!.GetValue<string>(), $"the link of key {key} is to another secret");
        }
    }

    private static async Task AssertNoDuplicatesAsync(ChaosWorld world, IReadOnlyList<JsonObject> secrets)
    {
        Once("stores", (await world.ListAsync("secrets_store/stores")).Select(_ => "the store"));
        Once("secrets", secrets.Select(secret => secret["name"]!.GetValue<string>()));
        Once("provider_configs", (await world.ListAsync($"ai-gateway/gateways/{ChaosWorld.Gateway}/provider_configs")).Select(config => $"{config["provider_slug"]}/{config["alias"]}"));
        Once("routes", (await world.ListAsync($"ai-gateway/gateways/{ChaosWorld.Gateway}/routes")).Select(route => route["name"]!.GetValue<string>()));
        Once("policies", (await world.ListAsync($"ai-gateway/gateways/{ChaosWorld.Gateway}/policies?includeStaging=true")).Select(policy => policy["name"]!.GetValue<string>()));
        Once("custom providers", (await world.ListAsync("ai-gateway/custom-providers")).Select(provider => provider["slug"]!.GetValue<string>()));
        Assert.Equal([ChaosWorld.Foreign, ChaosWorld.Gateway], (await world.ListAsync("ai-gateway/gateways")).Select(gateway => gateway["id"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    // Activations of what is active already leave no row, so that runs of one number count once.
    private static async Task AssertHistoryAsync(ChaosWorld world)
    {
        var activated = await world.Database.QueryAsync<int>("select revision from activations where gateway = 'prod' and rule_set = 'rules' and revision is not null order by id");
        var at = 0;
        foreach (var revision in world.Beliefs.Acknowledged.Where((revision, index) => index == 0 || world.Beliefs.Acknowledged[index - 1] != revision))
        {
            var found = activated.Skip(at).ToList().IndexOf(revision);
            Assert.True(found >= 0, $"the acknowledged execute of revision {revision} is not in the history {string.Join(", ", activated)} where it belongs; acknowledged were {string.Join(", ", world.Beliefs.Acknowledged)}");
            at += found;
        }
    }

    private static async Task<IReadOnlyList<JsonObject>> SecretsAsync(ChaosWorld world)
    {
        var secrets = new List<JsonObject>();
        foreach (var store in await world.ListAsync("secrets_store/stores"))
        {
            secrets.AddRange((await world.ListAsync($"secrets_store/stores/{store["id"]}/secrets")).Where(secret => secret["status"]!.GetValue<string>() != "deleted"));
        }

        return secrets;
    }

    private static string SecretOf(string key) => $"{ChaosWorld.Gateway}_{key.Replace('/', '_')}";

    private static void Once(string what, IEnumerable<string> names) =>
        Assert.Empty(names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => $"{group.Count()} {what} {group.Key}"));
}
