using System.CommandLine;
using GatewayOps.Cli.ControlPlane;

namespace GatewayOps.Cli.Dev;

/// <summary>`dev`: everything on this machine, serving until it is stopped.</summary>
public static class DevCommand
{
    public static Command Build(Shell shell)
    {
        var port = new Option<int>("--port") { Description = "Port of the service.", DefaultValueFactory = _ => 8787 };
        var emulatorPort = new Option<int>("--emulator-port") { Description = "Port of the emulator.", DefaultValueFactory = _ => 8788 };
        var noTraffic = new Option<bool>("--no-traffic") { Description = "Send no requests of its own." };
        var verb = new Command("dev", "Run PostgreSQL, a local Cloudflare and the service on this machine. Ctrl-C stops all of it.") { port, emulatorPort, noTraffic };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var settings = new DevSettings
            {
                Port = parse.GetRequiredValue(port),
                EmulatorPort = parse.GetRequiredValue(emulatorPort),
                DataFolder = Path.GetFullPath(parse.GetRequiredValue(shell.Data)),
                Service = Livelier(),
            };
            await using var environment = await DevEnvironment.StartAsync(settings, shell.Errors.WriteLine, cancellationToken);
            await ServeAsync(shell, environment, !parse.GetValue(noTraffic), cancellationToken);
            return ExitCodes.Ok;
        });
        return verb;
    }

    // The emulator's log rows are there at once and cost nothing to ask for: `logs` should not stay empty for half a minute.
    private static Dictionary<string, string> Livelier()
    {
        const string interval = "GatewayOps__Ingestion__Interval";
        return Environment.GetEnvironmentVariable(interval) is null ? new() { [interval] = "00:00:05" } : [];
    }

    private static async Task ServeAsync(Shell shell, DevEnvironment environment, bool traffic, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var orphaned = LauncherWatch.Start(stop);
        try
        {
            using (var api = new ControlPlaneApi(new ServiceAddress(environment.ServiceUrl, environment.OperatorToken)))
            {
                await Seeding.SeedAsync(api, stop.Token);
            }

            Welcome(shell.Output, environment);
            using var requests = new Traffic(environment.ServiceUrl, environment.ProxyToken);
            await Task.WhenAny(environment.WatchAsync(stop.Token), traffic ? requests.RunAsync(stop.Token) : Task.Delay(Timeout.Infinite, stop.Token)).Unwrap();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await shell.Errors.WriteLineAsync("stopping");
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static void Welcome(TextWriter output, DevEnvironment environment)
    {
        var url = environment.ServiceUrl.ToString().TrimEnd('/');
        var authorization = environment.ProxyToken is null ? "" : " -H \"Authorization: Bearer $AUTH_TOKEN\"";
        output.WriteLine($"""

            proxy            {url}/v1
            operator API     {url}/api/v1
            metrics          {url}/metrics
            emulator         {environment.EmulatorUrl}
            operator token   {environment.OperatorToken}
            logs             {Path.Combine(environment.Settings.DataFolder, "logs")}

            curl {url}/v1/chat/completions{authorization} -H 'Content-Type: application/json' -d '{"{"}"model":"gpt-4o-mini","messages":[{"{"}"role":"user","content":"Hello"{"}"}]{"}"}'
            curl {url}/api/v1/gateways -H 'Authorization: Bearer {environment.OperatorToken}'
            curl {url}/metrics

            Ctrl-C stops everything; the data stays in {environment.Settings.DataFolder}.
            """);
        output.Flush();
    }
}
