using GatewayOps.Tests.Reconciliation;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>The service killed at each point of each call that makes, changes or deletes a custom provider, a route or a policy, and started again.</summary>
public sealed class EveryObjectKillTests
{
    public static TheoryData<string, string> Points()
    {
        var points = new TheoryData<string, string>();
        foreach (var (change, calls) in new[] { ("create", 3), ("update", 4), ("delete", 3) })
        {
            foreach (var point in new[] { "journal.written", "call.sent", "journal.done" })
            {
                for (var call = 1; call <= calls; call++)
                {
                    points.Add(change, $"{point}:{call}");
                }
            }
        }

        return points;
    }

    [Theory]
    [MemberData(nameof(Points))]
    public Task Execute_KilledAtAPoint_IsFinishedByTheRestart(string change, string point) => ObjectKillTests.KillAsync(change, point);
}
