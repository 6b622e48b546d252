using System.Text;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>SIGKILL of the real process at named points, then a restart. What must hold after it: no duplicate, nothing acknowledged lost, nothing left to do.</summary>
internal static class KillSteps
{
    public const string Key = """{"gateway":"prod","provider":"openai","value":"sk-killed-0123456789"}""";

    /// <summary>With the interval on: nobody asks the restarted service for anything.</summary>
    public static Dictionary<string, string> Restarted { get; } = new()
    {
        ["GatewayOps:Reconciliation:Enabled"] = "true",
        ["GatewayOps:Reconciliation:Interval"] = "00:00:01",
    };

    public static async Task PostAndDieAsync(this ChildService child, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => child.Operator.PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content));
        await child.KilledAsync();
    }

    public static async Task SettledAsync(this ReconciliationWorld world)
    {
        await world.Service.EventuallyAsync(
            async () => (await world.Database.QueryAsync<long>(
                "select (select count(*) from operations where status = 'pending') + (select count(*) from runs where outcome = 'running')"))[0] == 0,
            "the end of what the killed process began");
        await world.Service.EventuallyAsync(
            async () => !(await world.GetAsync("gateways/prod/drift"))["drifted"]!.GetValue<bool>(),
            "an empty plan");
    }
}
