using GatewayOps.Tests.Reconciliation;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>The service killed at each of its named points, and started again: nothing twice, nothing lost.</summary>
public sealed class KillTests
{
    [Theory]
    [InlineData("execute.activated")]
    [InlineData("journal.written:1")] // the PUT of the gateway
    [InlineData("call.sent:1")]
    [InlineData("journal.done:1")]
    [InlineData("journal.written:2")] // the POST of the provider_config
    [InlineData("call.sent:2")]
    [InlineData("journal.done:2")]
    public Task Execute_KilledAtAPoint_IsFinishedByTheRestart(string point) => ExecuteKillTests.KillAsync(point);

    [Theory]
    [InlineData("call.sent:1")] // store
    [InlineData("journal.written:2")] // secret
    [InlineData("call.sent:2")]
    [InlineData("journal.done:2")]
    [InlineData("call.sent:4")] // provider_config
    public Task PutKey_KilledAtAPoint_LeavesNothingBehindOrEverything(string point) => KeyKillTests.KillAsync(point);
}
