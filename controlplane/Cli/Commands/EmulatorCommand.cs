using System.CommandLine;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Emulator;

namespace GatewayOps.Cli.Commands;

/// <summary>`emulator`: a local Cloudflare in this process.</summary>
public static class EmulatorCommand
{
    public static Command Build(Shell shell)
    {
        var options = new Argument<string[]>("options") { Description = "Options of the emulator: --port N, --upstream provider=url, --log-delay SECONDS.", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Command("emulator", "Run a local Cloudflare: management API, data plane, simulated providers.") { options };
        verb.TreatUnmatchedTokensAsErrors = false;
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            using var stop = ParentProcess.StopWith(Environment.GetEnvironmentVariable(ParentProcess.Variable), TimeProvider.System, cancellationToken);
            return await EmulatorHost.RunAsync([.. parse.GetValue(options) ?? [], .. parse.UnmatchedTokens], stop.Token);
        });
        return verb;
    }
}
