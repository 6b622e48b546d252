using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Tests.Client;

[Trait("checklist", "S3-16")]
public sealed class BackgroundTests
{
    [Fact]
    public async Task Task_GoesOnAfterTheAnswer_AndIsWaitedFor()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("log", "{\"action\":\"greeted\"}")), ScriptedGateway.Says("Hello!"));
        await using var client = gateway.Client();
        var gate = new TaskCompletionSource();
        string? logged = null;
        var options = new ChatOptions { Tools = [GatewayTool.Background(async (string action, string details = "none") => { await gate.Task; logged = $"{action} {details}"; }, "log")] };
        Assert.Equal("Hello!", (await client.ChatAsync("x", options: options)).Text);
        Assert.Equal((1, null), (client.ActiveBackgroundTasks, logged));
        Assert.DoesNotContain("greeted none", gateway.Asked[1].Body);
        Assert.False(await client.WaitForBackgroundTasksAsync(TimeSpan.Zero));
        gate.SetResult();
        Assert.True(await client.WaitForBackgroundTasksAsync(Timeout.InfiniteTimeSpan));
        Assert.Equal((0, "greeted none"), (client.ActiveBackgroundTasks, logged));
    }

    [Fact]
    public async Task Failure_ChangesNoAnswer_AndIsSeen()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("log", "{}")), ScriptedGateway.Says("Hello!"));
        await using var client = gateway.Client();
        var failures = new List<BackgroundTaskFailedEventArgs>();
        client.BackgroundTaskFailed += (_, failure) => failures.Add(failure);
        client.BackgroundTaskFailed += (_, _) => throw new InvalidOperationException("a bad listener");
        var reply = await client.ChatAsync("x", options: new ChatOptions { Tools = [GatewayTool.Background(() => { throw new InvalidOperationException("disk full"); }, "log")] });
        Assert.Equal("Hello!", reply.Text);
        Assert.True(await client.WaitForBackgroundTasksAsync(Timeout.InfiniteTimeSpan));
        Assert.Equal(("log", "disk full"), (failures.Single().Function, failures.Single().Exception.Message));
    }

    [Fact]
    public async Task TextBesideATask_IsTheAnswer()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Message(
            new { role = "assistant", content = "Done.", tool_calls = new[] { new { id = "c", type = "function", function = new { name = "log", arguments = "{}" } } } }, "tool_calls"));
        await using var client = gateway.Client();
        var reply = await client.ChatAsync("x", options: new ChatOptions { Tools = [GatewayTool.Background(() => { }, "log")] });
        Assert.Equal(("Done.", 1, ChatFinishReason.Stop), (reply.Text, gateway.Asked.Count, reply.Response.FinishReason));
    }

    [Fact]
    public async Task Tasks_BeyondTheBound_AreRefused_AndTheModelIsTold()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("log", "{}"), ("log", "{}"), ("log", "{}")), ScriptedGateway.Says("ok"));
        await using var client = new GatewayChatClient(gateway.Options with { MaxBackgroundTasks = 2 });
        var gate = new TaskCompletionSource();
        await client.ChatAsync("x", options: new ChatOptions { Tools = [GatewayTool.Background(() => gate.Task, "log")] });
        Assert.Equal(2, client.ActiveBackgroundTasks);
        Assert.Contains("too many background tasks", gateway.Asked[1].Body);
        gate.SetResult();
    }

    [Fact]
    public async Task Dispose_Waits_ThenCancels()
    {
        await using var gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Calls(("log", "{}")), ScriptedGateway.Says("ok"));
        var client = new GatewayChatClient(gateway.Options with { BackgroundShutdown = TimeSpan.FromMilliseconds(1) });
        var cancelled = new TaskCompletionSource();
        using var call = new CancellationTokenSource();
        var options = new ChatOptions { Tools = [GatewayTool.Background(async (CancellationToken token) => { token.Register(cancelled.SetResult); await Task.Delay(Timeout.Infinite, token); }, "log")] };
        await client.ChatAsync("x", options: options, cancellationToken: call.Token);
        await call.CancelAsync();
        Assert.False(cancelled.Task.IsCompleted);
        await client.DisposeAsync();
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(5));
        client.Dispose();

        var patient = new GatewayChatClient(gateway.Options);
        await patient.DisposeAsync();
        await patient.DisposeAsync();
    }
}
