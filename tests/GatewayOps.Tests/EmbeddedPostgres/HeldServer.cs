using System.Diagnostics;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.EmbeddedPostgres;

/// <summary>A process of its own that holds a private server, to be killed.</summary>
internal sealed class HeldServer : IDisposable
{
    private readonly Process _process;

    private HeldServer(Process process) => _process = process;

    public required int ServerId { get; init; }
    public required string ConnectionString { get; init; }

    public static async Task<HeldServer> StartAsync(string folder, string mode = "durable")
    {
        var child = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(ChildProgram).Assembly.Location, "hold-postgres", folder, mode])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var id = await child.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the child could not start a server");
        return new HeldServer(child) { ServerId = int.Parse(id), ConnectionString = (await child.StandardOutput.ReadLineAsync())! };
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.EndAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
