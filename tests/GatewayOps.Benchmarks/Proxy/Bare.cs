using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>Kestrel and nothing else as a process of its own; its first line says where it listens.</summary>
internal static class Bare
{
    public static async Task RunAsync(Action<WebApplication> map)
    {
        await using var app = BareServer.Build();
        map(app);
        await app.StartAsync();
        Console.WriteLine($"Now listening on: {app.Urls.First()}");
        await app.WaitForShutdownAsync();
    }
}
