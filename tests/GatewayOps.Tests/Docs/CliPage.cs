using System.CommandLine;
using System.Text;
using GatewayOps.Cli;

namespace GatewayOps.Tests.Docs;

/// <summary>The reference in cli.md, as a manual has it: each verb with how it is typed, what it does, its options, exit codes and examples. Made from the command tree.</summary>
internal static class CliPage
{
    public static string Index(IEnumerable<(string Path, Command Command)> verbs)
    {
        var text = new StringBuilder("| Verb | What it does |\n|---|---|\n");
        foreach (var (path, command) in verbs)
        {
            text.Append($"| [`{path}`](#{Anchor(path)}) | {Escaped(command.Description!)} |\n");
        }

        return text.ToString();
    }

    public static string Common(Shell shell) => Options([shell.Format, shell.Data, shell.Context]);

    public static string Verbs(IEnumerable<(string Path, Command Command)> verbs, Shell shell) => string.Join('\n', verbs.Select(verb => Verb(verb.Path, verb.Command, shell)));

    private static string Verb(string path, Command command, Shell shell)
    {
        var note = Note.Of(path);
        var options = command.Options.Where(option => !option.Hidden).ToList();
        var text = new StringBuilder($"### gatewayops {path}\n\n```\n{Synopsis(path, command)}\n```\n\n{Escaped(command.Description!)}");
        text.Append(note is { Text.Length: > 0 } ? $" {Escaped(note.Text)}" : "").Append(note?.See is { } see ? $" See [{see.Split('#')[0]}]({see})." : "").Append("\n\n");
        var arguments = command.Arguments.Where(argument => !argument.Hidden).ToList();
        if (arguments.Count > 0)
        {
            text.Append("| Argument | Meaning |\n|---|---|\n");
            arguments.ForEach(argument => text.Append($"| `{argument.Name.ToUpperInvariant()}` | {Escaped(argument.Description!)} |\n"));
            text.Append('\n');
        }

        // The emulator's own page has a table of these, with more about each.
        if (options.Count > 0 && path != "emulator")
        {
            text.Append(Options(options)).Append('\n');
        }

        text.Append($"Exit codes: {shell.ExitsOf(command)!.Meaning}.\n\n```sh\n");
        foreach (var example in Examples.Of(path))
        {
            text.Append(example).Append('\n');
        }

        return text.Append("```\n").ToString();
    }

    private static string Synopsis(string path, Command command)
    {
        var parts = command.Arguments.Where(argument => !argument.Hidden).Select(argument => (argument.Arity.MinimumNumberOfValues > 0, Name: argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")))
            .Select(part => part.Item1 ? part.Name : $"[{part.Name}]")
            .Concat(command.Options.Where(option => option.Required && !option.Hidden).Select(option => $"{option.Name} {Taken(option)}"));
        return string.Join(' ', ["gatewayops", path, .. parts, .. command.Options.Any(option => !option.Required && !option.Hidden) ? ["[OPTIONS]"] : Array.Empty<string>()]);
    }

    private static string Options(IEnumerable<Option> options)
    {
        var text = new StringBuilder("| Option | Meaning |\n|---|---|\n");
        foreach (var option in options.OrderBy(option => option.Name, StringComparer.Ordinal))
        {
            var names = option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name).Select(name => $"`{name}`");
            var taken = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? "" : $" {Escaped(Taken(option))}";
            var more = string.Join(' ', new[] { option.Required ? "Required." : null, Default(option) }.Where(part => part is not null));
            text.Append($"| {string.Join(", ", names)}{taken} | {Escaped(option.Description!)}{(more.Length > 0 ? " " + more : "")} |\n");
        }

        return text.ToString();
    }

    private static string Taken(Option option) =>
        option.HelpName is { } name ? (name.Contains('|') ? name : name.ToUpperInvariant())
        : string.Join('|', option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label)) is { Length: > 0 } words ? words
        : option.Name.TrimStart('-').ToUpperInvariant();

    private static string? Default(Option option) =>
        option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } value && value is not Array && $"{value}".Length > 0 ? $"Default: `{$"{value}".ToLowerInvariant()}`." : null;

    private static string Anchor(string path) => $"gatewayops-{path.Replace(' ', '-')}";

    // A bar would end the cell.
    private static string Escaped(string text) => text.Replace("|", "\\|");
}
