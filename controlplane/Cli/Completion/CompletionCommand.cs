using System.CommandLine;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Completion;

/// <summary>`completion`: a script for the shell, made from the command tree.</summary>
public static class CompletionCommand
{
    private static readonly Table Script = new("", "shell", "", Column.Of("shell", "shell"));

    public static Command Build(Shell shell)
    {
        var name = new Argument<string>("shell") { Description = "bash or zsh." }.AcceptOnlyFromAmong([.. CompletionScript.Shells.Keys]);
        var verb = new Command("completion", "Print a script that completes verbs, options and their values in a shell.") { name };
        shell.Runs(verb, (parse, _) =>
        {
            var (chosen, writer) = (parse.GetRequiredValue(name), shell.Writer(parse));
            var script = CompletionScript.Of((RootCommand)parse.RootCommandResult.Command, chosen);
            if (writer.Format == OutputFormat.Table)
            {
                writer.Raw(script);
            }
            else
            {
                writer.Write(new JsonObject { ["shell"] = chosen, ["script"] = script }, Script);
            }

            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }
}
