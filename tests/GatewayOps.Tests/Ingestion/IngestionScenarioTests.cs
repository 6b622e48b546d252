using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Ingestion;

public sealed class IngestionScenarioTests
{
    [Fact, Trait("checklist", "S1-06")]
    public async Task Service_PollsOnItsSchedulerWhatTheGatewayLogged()
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync("prod");
        var gateway = emulator.Account.FindGateway("prod")!;
        var id = gateway.Logs.NewId();
        gateway.AddLog(new LogRow
        {
            Id = id,
            Provider = "openai",
            Model = "gpt-4o-mini",
            Path = "chat/completions",
            StatusCode = 200,
            Metadata = """{"request_id":"req-1"}""",
        });
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("insert into activations (gateway, rule_set, revision, kind, activated_at, activated_by) values ('prod', 'r', null, 'remove', now(), 'test')");
        await using var service = await TestService.StartAsync(database, emulator, new Dictionary<string, string>
        {
            ["GatewayOps:Ingestion:Enabled"] = "true",
            ["GatewayOps:Ingestion:Interval"] = "00:00:01",
        });

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        JsonElement logs;
        do
        {
            await Task.Delay(50, patience.Token);
            logs = (await service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/logs?gateway=prod", patience.Token)).GetProperty("logs");
        }
        while (logs.GetArrayLength() == 0);

        Assert.Equal((id, "req-1"), (logs[0].GetProperty("id").GetString(), logs[0].GetProperty("requestId").GetString()));
    }
}
