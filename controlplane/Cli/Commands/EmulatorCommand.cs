using System.CommandLine;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Emulator;

namespace GatewayOps.Cli.Commands;

/// <summary>`emulator`: a local Cloudflare in this process. Its options are the emulator's own table, so that the help of both is one.</summary>
public static class EmulatorCommand
{
    public static Command Build(Shell shell)
    {
        var options = EmulatorArguments.All.ToDictionary(argument => argument, argument => new Option<string[]>(argument.Name)
        {
            Description = argument.Help,
            HelpName = argument.Value,
            Arity = argument.Value is null ? ArgumentArity.Zero : ArgumentArity.OneOrMore,
        });
        var verb = new Command("emulator", "Run a local Cloudflare: management API, data plane, simulated providers.");
        foreach (var option in options.Values)
        {
            verb.Add(option);
        }

        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            using var stop = ParentProcess.StopWith(Environment.GetEnvironmentVariable(ParentProcess.Variable), TimeProvider.System, cancellationToken);
            var given = options.Where(option => parse.GetResult(option.Value) is not null)
                .SelectMany(option => option.Key.Value is null ? [option.Key.Name] : parse.GetValue(option.Value)!.Select(value => $"{option.Key.Name}={value}"));
            return await EmulatorHost.RunAsync([.. given], stop.Token);
        }, new Exits(2, "0 stopped, 2 wrong options"));
        return verb;
    }
}
