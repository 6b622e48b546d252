using System.Net.Sockets;
using GatewayOps.Emulator.About;
using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.Export;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Snapshots;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Connections;

namespace GatewayOps.Emulator;

/// <summary>The emulated Cloudflare: management API, data plane and the emulator's own admin API on one port.</summary>
public static class EmulatorHost
{
    /// <summary>Builds an emulator that reads nothing but its options: no settings file, no environment.</summary>
    public static WebApplication Build(EmulatorOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(options.Url);
        // A start that fails is told in one line by RunAsync, or thrown: the host's own report would be the second.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).QuietServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<EmulatorClock>();
        builder.Services.AddSingleton<EmulatorState>();
        builder.Services.AddManagement();
        builder.Services.AddAdmin();
        builder.Services.AddDataPlane();
        builder.Services.AddExports();
        builder.Services.AddSnapshots();

        var app = builder.Build();
        app.Services.StartFromFile();
        app.UseRays();
        app.LogUnhandledErrors();
        app.MapManagement();
        app.MapAbout();
        app.MapAdmin();
        app.MapAdminGroup().MapSnapshots();
        app.MapDataPlane();
        app.MapExports();
        return app;
    }

    /// <summary>Runs until the token or a signal stops it. Exit code 0 after a clean stop, 1 when it could not start, 2 for wrong arguments.</summary>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken) => RunAsync(args, Console.Out, Console.Error, cancellationToken);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var arguments = EmulatorArguments.Parse(args);
        if (arguments.HelpAsked)
        {
            await output.WriteLineAsync(EmulatorArguments.Help);
            return 0;
        }
        if (arguments.Options is not { } options)
        {
            await error.WriteLineAsync(arguments.Error);
            return 2;
        }
        WebApplication app;
        try
        {
            app = Build(options);
        }
        catch (Exception e) when (e is SnapshotException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"gatewayops emulator: {options.StateFile} cannot be loaded: {e.Message}. Put it right, or start without --state.");
            return 1;
        }
        await using (app)
            return await RunAsync(app, options, output, error, cancellationToken);
    }

    private static async Task<int> RunAsync(WebApplication app, EmulatorOptions options, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            await error.WriteLineAsync(
                $"gatewayops emulator: {options.Url} is already in use. Stop the process that listens there, or choose another port with --port N (0 = any free one).");
            return 1;
        }
        await output.WriteLineAsync($"Emulator of Cloudflare listens on {app.Urls.First()} (account {options.AccountId}).");
        await app.WaitForShutdownAsync(cancellationToken);
        try
        {
            if (app.Services.GetRequiredService<SnapshotFile>().Save() is { } saved)
                await output.WriteLineAsync($"State saved to {saved}.");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"gatewayops emulator: the state was not saved: {e.Message}");
            return 1;
        }
    }
}
