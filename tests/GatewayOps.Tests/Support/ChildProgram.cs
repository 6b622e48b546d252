using GatewayOps.ControlPlane.Hosting;
using GatewayOps.ControlPlane.Scheduling;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Reconciliation;
using Microsoft.AspNetCore.Builder;

namespace GatewayOps.Tests.Support;

/// <summary>The test assembly as a program of its own, for tests that need a process to kill. The test runner does not come through here.</summary>
public static class ChildProgram
{
    /// <summary>`serve-ticks`: the service, with one job more (<see cref="TickJob"/>). Settings come as variables.</summary>
    public const string ServeTicks = "serve-ticks";

    /// <summary>`hold-postgres FOLDER durable|fast`: starts a server, writes its process id and connection string as two lines, and waits to be killed.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (args is [ServeTicks])
        {
            await using var app = ServiceHost.Build([], adapt: builder => builder.Services.AddScheduledJob<TickJob>(TickJob.Name, TickJob.Interval));
            await app.RunAsync();
            return 0;
        }

        if (args is not ["hold-postgres", var folder, var mode])
        {
            await Console.Error.WriteLineAsync("usage: hold-postgres FOLDER durable|fast, or serve-ticks");
            return 2;
        }
        await using var server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = folder, Durable = mode == "durable" }, CancellationToken.None);
        Console.WriteLine(server.ProcessId);
        Console.WriteLine(server.ConnectionString);
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return 0;
    }
}
