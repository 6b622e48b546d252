using System.CommandLine;
using System.Text;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Dev;

/// <summary>`traffic`: what `dev` does for its own service, for one that runs elsewhere beside an emulator: an account to work with, a rule set, and requests until it is stopped.</summary>
public static class TrafficCommand
{
    // Some answers are to come from the cache, and to be asked for anew after a minute.
    private static readonly byte[] Rules = Encoding.UTF8.GetBytes("""
        {
          "name": "demo-traffic",
          "rules": [ { "name": "cache-chat", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 60 } } ],
          "settings": { "collect_logs": true }
        }
        """);

    public static Command Build(Shell shell)
    {
        var pause = new Option<int>("--pause") { Description = "Milliseconds between two requests.", DefaultValueFactory = _ => 2000 };
        var verb = new Command("traffic", "Give an emulated account a gateway, keys and a rule set, and send chat requests until it is stopped. Refuses a real account. Tokens come from the environment, or from .env in the working directory.") { pause };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var variables = DotEnvFile.Read(Path.Combine(shell.Surroundings.Folder, ".env")).Concat(shell.Surroundings.Variables.Where(variable => variable.Value.Length > 0))
                .GroupBy(variable => variable.Key).ToDictionary(same => same.Key, same => same.Last().Value);
            var address = shell.Address(parse, variables);
            using (var api = new ControlPlaneApi(address))
            {
                await DemandEmulatorAsync(api, cancellationToken);
                await Seeding.SeedAsync(api, cancellationToken);
                await api.PostAsync("/api/v1/content", Rules, cancellationToken);
                await api.PostAsync("/api/v1/content/demo-traffic/execute", new System.Text.Json.Nodes.JsonObject(), cancellationToken);
            }

            await shell.Errors.WriteLineAsync($"sending requests to {address}");
            using var traffic = new Traffic(address.Url, address.ProxyToken, TimeSpan.FromMilliseconds(parse.GetRequiredValue(pause)));
            await traffic.RunAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return verb;
    }

    // What it would cost somebody is no demo.
    private static async Task DemandEmulatorAsync(ControlPlaneApi api, CancellationToken cancellationToken)
    {
        var account = Cell.Items((await api.GetAsync("/api/v1/doctor", cancellationToken))["checks"]).First(check => Cell.Text(check["name"]) == "account");
        if (!Cell.Text(account["detail"]).StartsWith($"{DevEnvironment.Account} ", StringComparison.Ordinal))
        {
            throw new CliException($"The service does not work on an emulator's account ({Cell.Text(account["detail"])}).", "gatewayops dev, or docker compose --profile demo up");
        }
    }
}
