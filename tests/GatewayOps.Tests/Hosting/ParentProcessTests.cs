using System.Diagnostics;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Hosting;

public sealed class ParentProcessTests
{
    [Fact]
    public async Task StopWith_ParentKilled_StopsWithinASecondOrTwo()
    {
        using var parent = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        var clock = new TestClock();
        using var stop = ParentProcess.StopWith(parent.Id.ToString(), clock, CancellationToken.None);
        await clock.TimerAsync(); // it has looked
        Assert.False(stop.IsCancellationRequested);
        var stopped = new TaskCompletionSource();
        await using var registration = stop.Token.Register(stopped.SetResult);

        parent.Kill();
        await parent.EndAsync();
        clock.Advance(TimeSpan.FromSeconds(1));

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void StopWith_NoParent_IsTheCallersToken()
    {
        using var caller = new CancellationTokenSource();
        using var stop = ParentProcess.StopWith(null, TimeProvider.System, caller.Token);

        caller.Cancel();

        Assert.True(stop.IsCancellationRequested);
    }

    [Fact]
    public void StopWith_NoProcessId_NamesTheVariable() =>
        Assert.Contains("GATEWAYOPS_PARENT_PID", Assert.Throws<StartException>(() => ParentProcess.StopWith("x", TimeProvider.System, CancellationToken.None)).Message);
}
