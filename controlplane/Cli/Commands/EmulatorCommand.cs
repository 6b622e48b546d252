using System.CommandLine;
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
        shell.Runs(verb, (parse, cancellationToken) => EmulatorHost.RunAsync([.. parse.GetValue(options) ?? [], .. parse.UnmatchedTokens], cancellationToken));
        return verb;
    }
}
