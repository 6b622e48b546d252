using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GatewayOps.Cli;

/// <summary>`--help`, with the examples and exit codes of a verb below the options.</summary>
internal sealed class Help(Shell shell, HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => usual.ClearsParseErrors;

    public static void AddTo(RootCommand root, Shell shell)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Help(shell, (HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var exit = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var path = string.Join(' ', Shell.PathOf(parseResult.CommandResult));
        if (Note.Of(path) is { Text.Length: > 0 } note)
        {
            output.WriteLine(note.Text);
            output.WriteLine();
        }

        if (Examples.Of(path) is { Count: > 0 } examples)
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        if (shell.ExitsOf(command) is { } exits)
        {
            output.WriteLine($"Exit codes: {exits.Meaning}");
        }

        if (command is RootCommand)
        {
            output.WriteLine("Links:");
            foreach (var (what, url) in Links.All)
            {
                output.WriteLine($"  {url}  {what}");
            }
        }

        return exit;
    }
}
