using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Convergence;

/// <summary>A change during which something breaks.</summary>
internal static class Disasters
{
    /// <summary>Cloudflare, or the way to it, fails as <paramref name="fault"/> says; whether a call met it is read in the emulator's list of requests.</summary>
    public static async Task<bool> FailAsync(ChaosWorld world, Happening happening, object fault, Func<JsonElement, bool> met, Random random)
    {
        await world.ApiAsync();
        await world.Cloudflare.Admin.DeleteAsync(new Uri("management/requests", UriKind.Relative));
        await world.Cloudflare.SetManagementFaultAsync(fault);
        using (world.Failing())
        {
            await ChangeAsync(world, happening, random);
            await world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject());
        }

        await world.Cloudflare.ClearManagementFaultsAsync();
        return (await world.Cloudflare.ManagementRequestsAsync()).Any(met);
    }

    /// <summary>A child process with the point armed takes the place of the service; SIGKILL comes from inside, at the point.</summary>
    public static async Task<bool> KillAtAsync(ChaosWorld world, Happening happening, string point, Random random)
    {
        // A first key has a call for the store, the secret, the gateway and the link; settings have one, and reach a later point only where there are many kills.
        var child = await world.StartChildAsync($"{point}:{(world.InChildren && happening.During == "key put" ? random.Next(1, 4) : 1)}");
        bool isReached;
        using (world.Failing())
        {
            await ChangeAsync(world, happening, random);
            // Whoever does not answer is dead or dying; a change that met no call is followed by a look that may.
            isReached = (await world.AskAsync(HttpMethod.Post, "reconcile", new JsonObject(), api: child.Operator)).Status == 0;
        }

        if (isReached)
        {
            await child.KilledAsync();
        }

        await world.StopAsync();
        return isReached;
    }

    /// <summary>SIGKILL from outside, somewhere in a change.</summary>
    public static async Task<bool> KillAnywhereAsync(ChaosWorld world, Happening happening, Random random)
    {
        var child = await world.StartChildAsync("");
        bool isUnderWay;
        using (world.Failing())
        {
            var change = ChangeAsync(world, happening, random);
            await Task.Delay(random.Next(0, 600));
            isUnderWay = !change.IsCompleted;
            await child.KillAsync();
            await change;
        }

        await world.StopAsync();
        return isUnderWay;
    }

    private static Task<bool> ChangeAsync(ChaosWorld world, Happening happening, Random random) =>
        Kinds.Of(happening.During!).HappenAsync(world, happening, random);
}
