using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>
/// What other people and programs do in the same account. What they make is remembered, and must never be touched; what they move of ours must be put
/// back. A secret of ours that somebody deletes is not among it: its value is nowhere else, so only an operator can put it back.
/// </summary>
internal static class Elsewhere
{
    private const string Configs = $"ai-gateway/gateways/{ChaosWorld.Gateway}/provider_configs";
    private const string Routes = $"ai-gateway/gateways/{ChaosWorld.Gateway}/routes";
    private const string Policies = $"ai-gateway/gateways/{ChaosWorld.Gateway}/policies";
    private const string CustomProviders = "ai-gateway/custom-providers";

    public static async Task<bool> MoveOursAsync(ChaosWorld world, Random random)
    {
        var (field, value) = Draft.Fields.ElementAt(random.Next(Draft.Fields.Count));
        await world.MeddleAsync(new Dictionary<string, JsonNode?> { [field] = value(random) });
        return await SometimesReconciledAsync(world, random);
    }

    public static async Task<bool> MovePulumisAsync(ChaosWorld world, Random random)
    {
        var (field, value) = random.Next(4) switch
        {
            0 => ("log_management", (JsonNode?)random.Next(10_000, 10_000_000)),
            1 => ("zdr", random.Next(2) == 0),
            2 => ("authentication", random.Next(2) == 0),
            _ => ("log_management_strategy", random.Next(2) == 0 ? "DELETE_OLDEST" : "STOP_INSERTING"),
        };
        return await SetForeignAsync(world, field, value) && await SometimesReconciledAsync(world, random);
    }

    public static async Task<bool> SetUnknownAsync(ChaosWorld world, Random random) =>
        await SetForeignAsync(world, $"x_future_{random.Next(3)}", new JsonObject { ["z"] = random.Next(), ["a"] = new JsonArray(1.50m, null, "\u00e9\"\\"), ["on"] = random.Next(2) == 0 })
        && await SometimesReconciledAsync(world, random);

    public static async Task<bool> ChangeForeignGatewayAsync(ChaosWorld world, Random random)
    {
        var path = $"ai-gateway/gateways/{ChaosWorld.Foreign}";
        await world.CloudflareAsync(HttpMethod.Put, path, new JsonObject
        {
            ["cache_ttl"] = random.Next(1_000),
            ["cache_invalidate_on_update"] = false,
            ["collect_logs"] = true,
            ["rate_limiting_interval"] = 0,
            ["rate_limiting_limit"] = 0,
            ["x_theirs"] = random.Next(),
        });
        await world.Beliefs.RememberAsync(world, path);
        return true;
    }

    public static async Task<bool> MakeSecretAsync(ChaosWorld world)
    {
        await NewSecretAsync(world, $"by_hand_{++world.Made}");
        return true;
    }

    public static async Task<bool> MakeProviderConfigAsync(ChaosWorld world)
    {
        var alias = $"hand{++world.Made}";
        var secret = await NewSecretAsync(world, $"{ChaosWorld.Gateway}_mistral_{alias}");
        if ((await world.LiveAsync())["store_id"] is null)
        {
            await world.MeddleAsync(new Dictionary<string, JsonNode?> { ["store_id"] = await StoreAsync(world) });
        }

        var made = await world.CloudflareAsync(HttpMethod.Post, Configs, new JsonObject { ["provider_slug"] = "mistral", ["alias"] = alias, ["default_config"] = false, ["secret_id"] = secret });
        await world.Beliefs.RememberAsync(world, Configs, IdOf(made));
        return true;
    }

    public static async Task<bool> DeleteProviderConfigAsync(ChaosWorld world, Random random)
    {
        var ours = await OursAsync(world);
        if (ours.Count == 0)
        {
            await Changes.PutKeyAsync(world, random);
            ours = await OursAsync(world);
        }

        if (ours.Count == 0)
        {
            return false;
        }

        await world.CloudflareAsync(HttpMethod.Delete, $"{Configs}/{ours[random.Next(ours.Count)]["id"]!.GetValue<string>()}");
        return await SometimesReconciledAsync(world, random);
    }

    /// <summary>A new version of a route of ours, deployed: as somebody does in the dashboard.</summary>
    public static async Task<bool> DeployRouteAsync(ChaosWorld world, Random random)
    {
        if (await OursAsync(world, Routes, random, draft => draft.Routes(random)) is not { } route)
        {
            return false;
        }

        var version = await world.CloudflareAsync(HttpMethod.Post, $"{Routes}/{route}/versions", new JsonObject { ["elements"] = Draft.Graph(random.Next(60_000, 90_000)) });
        await world.CloudflareAsync(HttpMethod.Post, $"{Routes}/{route}/deployments", new JsonObject { ["version_id"] = version["result"]!["version_id"]!.GetValue<string>() });
        return await SometimesReconciledAsync(world, random);
    }

    public static Task<bool> DeleteRouteAsync(ChaosWorld world, Random random) => DeleteAsync(world, Routes, random, draft => draft.Routes(random));

    public static async Task<bool> ChangePolicyAsync(ChaosWorld world, Random random)
    {
        if (await OursAsync(world, Policies, random, draft => draft.Policies(random)) is not { } policy)
        {
            return false;
        }

        await world.CloudflareAsync(HttpMethod.Put, $"{Policies}/{policy}?commit=true", new JsonObject { ["action"] = new JsonObject { ["type"] = "limit", ["amount"] = random.Next(1_000, 2_000), ["period"] = "weekly" } });
        return await SometimesReconciledAsync(world, random);
    }

    public static Task<bool> DeletePolicyAsync(ChaosWorld world, Random random) => DeleteAsync(world, Policies, random, draft => draft.Policies(random));

    public static async Task<bool> ChangeCustomProviderAsync(ChaosWorld world, Random random)
    {
        if (await OursAsync(world, CustomProviders, random, draft => draft.CustomProviders(random)) is not { } provider)
        {
            return false;
        }

        await world.CloudflareAsync(HttpMethod.Patch, $"{CustomProviders}/{provider}", new JsonObject { ["base_url"] = $"https://moved{random.Next(1_000)}.example.com" });
        return await SometimesReconciledAsync(world, random);
    }

    public static async Task<bool> MakeRouteAsync(ChaosWorld world, Random random)
    {
        var made = await world.CloudflareAsync(HttpMethod.Post, Routes, new JsonObject { ["name"] = $"by-hand-{++world.Made}", ["elements"] = Draft.Graph(random.Next(1_000, 60_000)) });
        await world.Beliefs.RememberAsync(world, $"{Routes}/{IdOf(made)}");
        await world.Beliefs.RememberAsync(world, $"{Routes}/{IdOf(made)}/versions");
        return true;
    }

    public static async Task<bool> MakePolicyAsync(ChaosWorld world, Random random)
    {
        var made = await world.CloudflareAsync(HttpMethod.Post, $"{Policies}?commit=true", Draft.Policy($"by hand {++world.Made}", random.Next(1, 100)));
        await world.Beliefs.RememberAsync(world, $"{Policies}/{IdOf(made)}");
        return true;
    }

    public static async Task<bool> MakeCustomProviderAsync(ChaosWorld world)
    {
        var made = await world.CloudflareAsync(HttpMethod.Post, CustomProviders, new JsonObject
        {
            ["name"] = "By hand",
            ["slug"] = $"by-hand-{++world.Made}",
            ["base_url"] = "https://by-hand.example.com",
            ["headers"] = """{"x-theirs":"1"}""",
        });
        await world.Beliefs.RememberAsync(world, $"{CustomProviders}/{IdOf(made)}");
        return true;
    }

    /// <summary>Every other time somebody asks for a look, so that one meddling is repaired alone and the next together with others.</summary>
    public static async Task<bool> SometimesReconciledAsync(ChaosWorld world, Random random)
    {
        if (random.Next(2) == 0)
        {
            await world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject());
        }

        return true;
    }

    private static async Task<bool> SetForeignAsync(ChaosWorld world, string field, JsonNode? value)
    {
        var answered = await world.MeddleAsync(new Dictionary<string, JsonNode?> { [field] = value });
        world.Beliefs.ForeignFields[field] = Beliefs.Text(answered[field]);
        return true;
    }

    private static async Task<IReadOnlyList<JsonObject>> OursAsync(ChaosWorld world) =>
        [.. (await world.ListAsync(Configs)).Where(config => !config["alias"]!.GetValue<string>().StartsWith("hand", StringComparison.Ordinal))];

    private static async Task<bool> DeleteAsync(ChaosWorld world, string list, Random random, Action<Draft> declare)
    {
        if (await OursAsync(world, list, random, declare) is not { } id)
        {
            return false;
        }

        await world.CloudflareAsync(HttpMethod.Delete, $"{list}/{id}");
        return await SometimesReconciledAsync(world, random);
    }

    /// <summary>The id of one that is not made by hand; declares some where there is none.</summary>
    private static async Task<string?> OursAsync(ChaosWorld world, string list, Random random, Action<Draft> declare)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var ours = (await world.ListAsync(list)).Where(item => !(item["slug"] ?? item["name"])!.GetValue<string>().StartsWith("by", StringComparison.Ordinal)).ToList();
            if (ours.Count > 0)
            {
                return ours[random.Next(ours.Count)]["id"]!.GetValue<string>();
            }

            await Changes.ExecuteAsync(world, random, declare);
        }

        return null;
    }

    private static async Task<string> StoreAsync(ChaosWorld world) => (await world.ListAsync("secrets_store/stores")) is [var store, ..]
        ? store["id"]!.GetValue<string>()
        : (await world.CloudflareAsync(HttpMethod.Post, "secrets_store/stores", new JsonObject { ["name"] = "theirs" }))["result"]!["id"]!.GetValue<string>();

    private static async Task<string> NewSecretAsync(ChaosWorld world, string name)
    {
        var secrets = $"secrets_store/stores/{await StoreAsync(world)}/secrets";
        var made = await world.CloudflareAsync(HttpMethod.Post, secrets, new JsonArray(new JsonObject { ["name"] = name, ["value"] = "theirs", ["scopes"] = new JsonArray("ai_gateway") }));
        var id = made["result"]![0]!["id"]!.GetValue<string>();
        await world.Beliefs.RememberAsync(world, $"{secrets}/{id}");
        return id;
    }

    private static string IdOf(JsonObject made) => made["result"]!["id"]!.GetValue<string>();
}
