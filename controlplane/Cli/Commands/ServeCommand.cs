using System.CommandLine;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Commands;

/// <summary>`serve`: the control plane and proxy in this process. Settings come from the environment, files and `--Section:Key=value`.</summary>
public static class ServeCommand
{
    public static Command Build(Shell shell)
    {
        var settings = new Argument<string[]>("settings") { Description = "Settings as --urls URL or --GatewayOps:Section:Key=value. Secrets belong in the environment.", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Command("serve", "Run the control plane and the proxy.") { settings };
        verb.TreatUnmatchedTokensAsErrors = false;
        shell.Runs(verb, (parse, cancellationToken) => ServiceHost.RunAsync([.. parse.GetValue(settings) ?? [], .. parse.UnmatchedTokens], cancellationToken));
        return verb;
    }
}
