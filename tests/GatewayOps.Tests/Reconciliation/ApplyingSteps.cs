using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Looks at and applies a state that the test says, with what the journal says we made: the part of a pass below the rule sets.</summary>
internal static class ApplyingSteps
{
    public static async Task<Look> LookAsync(this ReconciliationWorld world, DesiredState desired)
    {
        var rows = await world.Database.QueryAsync<string>("select kind || ' ' || key || ' ' || cloudflare_id from inventory where gateway in ('prod', '*')");
        var items = rows.Select(row => row.Split(' ')).Select(parts => new InventoryItem(Enum.GetValues<ObjectKind>().Single(kind => kind.ToString().Equals(parts[0].Replace("_", ""), StringComparison.OrdinalIgnoreCase)), parts[1], parts[2]));
        return await world.Service.Services.GetRequiredService<Lookout>().LookAsync("prod", new DesiredReading { Desired = desired, Inventory = new Inventory(items) }, CancellationToken.None);
    }

    public static async Task<Plan> ApplyAsync(this ReconciliationWorld world, DesiredState desired)
    {
        var look = await world.LookAsync(desired);
        await world.ApplyAsync(look);
        return look.Plan;
    }

    public static async Task ApplyAsync(this ReconciliationWorld world, Look look)
    {
        await using var held = await world.Service.Services.GetRequiredService<GatewayLocks>().AcquireAsync("prod", CancellationToken.None);
        await world.Service.Services.GetRequiredService<PlanApplier>().ApplyAsync(held, Guid.CreateVersion7(), look, _ => { }, CancellationToken.None);
    }

    /// <summary>What Cloudflare has under a path of the account, such as `ai-gateway/custom-providers`: its whole answer.</summary>
    public static async Task<JsonObject> SeeAsync(this ReconciliationWorld world, string path) => (await world.Cloudflare.Management.GetFromJsonAsync<JsonObject>(path))!;

    public static async Task<IReadOnlyList<JsonNode>> RoutesAsync(this ReconciliationWorld world) =>
        [.. (await world.SeeAsync("ai-gateway/gateways/prod/routes"))["data"]!["routes"]!.AsArray().Select(route => route!)];

    /// <summary>The graph that is at work.</summary>
    public static async Task<JsonArray> GraphAsync(this ReconciliationWorld world, string route) =>
        (await world.SeeAsync($"ai-gateway/gateways/prod/routes/{await world.RouteIdAsync(route)}"))["result"]!["version"]!["data"]!.AsArray();

    public static async Task<string> RouteIdAsync(this ReconciliationWorld world, string route) =>
        (await world.RoutesAsync()).Single(found => found["name"]!.GetValue<string>() == route)["id"]!.GetValue<string>();

    public static async Task<int> VersionsAsync(this ReconciliationWorld world, string route) =>
        (await world.SeeAsync($"ai-gateway/gateways/prod/routes/{await world.RouteIdAsync(route)}/versions"))["data"]!["versions"]!.AsArray().Count;

    /// <summary>Those in force.</summary>
    public static async Task<IReadOnlyList<JsonNode>> PoliciesAsync(this ReconciliationWorld world) =>
        [.. (await world.SeeAsync("ai-gateway/gateways/prod/policies"))["result"]!.AsArray().Select(policy => policy!)];

    public static async Task<IReadOnlyList<JsonNode>> CustomProvidersAsync(this ReconciliationWorld world) =>
        [.. (await world.SeeAsync("ai-gateway/custom-providers"))["result"]!.AsArray().Select(provider => provider!)];

    /// <summary>What somebody else does at Cloudflare.</summary>
    public static async Task<JsonNode> ElsewhereAsync(this ReconciliationWorld world, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var response = await world.Cloudflare.Management.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>What we made, as `kind gateway key`.</summary>
    public static Task<IReadOnlyList<string>> InventoryAsync(this ReconciliationWorld world) =>
        world.Database.QueryAsync<string>("select kind || ' ' || gateway || ' ' || key from inventory order by 1");
}
