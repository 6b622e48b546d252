using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;

namespace GatewayOps.Cli.Completion;

/// <summary>
/// What may be typed next, as functions of a shell. Tables and the walk through the words are one text, which bash and zsh both read; only how a shell is told differs. No process is started for it.
/// </summary>
public static class CompletionScript
{
    // What `_gatewayops_values` says of an option that takes a file, or anything.
    private const string Files = ":files", Anything = ":any";

    // `path` and `words` are taken in zsh. Sets `verb`, `option`: the verb so far, and the option that waits for its value.
    private const string Walk = """
        _gatewayops_walk() {
          local word
          verb='' option=''
          for word in "$@"; do
            if [[ -n $option ]]; then
              option=''
            elif [[ $word == -* ]]; then
              if [[ -n $(_gatewayops_values "$verb" "$word") ]]; then option=$word; fi
            elif [[ -n $(_gatewayops_words "${verb:+$verb }$word") ]]; then
              verb="${verb:+$verb }$word"
            fi
          done
        }

        """;

    private const string Bash = """
        _gatewayops() {
          local verb option words line current=${COMP_WORDS[COMP_CWORD]}
          _gatewayops_walk "${COMP_WORDS[@]:1:COMP_CWORD-1}"
          COMPREPLY=()
          if [[ -n $option ]]; then words=$(_gatewayops_values "$verb" "$option"); else words=$(_gatewayops_words "$verb"); fi
          case $words in
            :files)
              compopt -o filenames 2>/dev/null
              while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
            :any) ;;
            *) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$words" -- "$current") ;;
          esac
        }
        complete -F _gatewayops gatewayops

        """;

    private const string Zsh = """
        _gatewayops() {
          local verb option told
          _gatewayops_walk "${(@)words[2,CURRENT-1]}"
          if [[ -n $option ]]; then told=$(_gatewayops_values "$verb" "$option"); else told=$(_gatewayops_words "$verb"); fi
          case $told in
            :files) _files ;;
            :any) ;;
            *) compadd -- ${=told} ;;
          esac
        }
        compdef _gatewayops gatewayops

        """;

    /// <summary>The part that is a shell's own, by its name.</summary>
    public static IReadOnlyDictionary<string, string> Shells { get; } = new Dictionary<string, string> { ["bash"] = Bash, ["zsh"] = Zsh };

    /// <summary>The whole script. Pure.</summary>
    public static string Of(RootCommand root, string shell) =>
        $"{(shell == "zsh" ? "#compdef gatewayops\n" : "")}# Completion of gatewayops for {shell}: to be sourced. The verb `completion` of the same version makes it anew.\n\n{Shared(root)}{Shells[shell]}";

    /// <summary>What is the same in every shell. Pure.</summary>
    public static string Shared(RootCommand root)
    {
        var recursive = root.Options.Where(option => option.Recursive && !option.Hidden).ToList();
        var commands = Below(root, "").ToList();
        var text = new StringBuilder("_gatewayops_words() {\n  case \"$1\" in\n");
        foreach (var (path, command) in commands)
        {
            text.Append($"    '{path}') echo '{string.Join(' ', Words(command, recursive))}' ;;\n");
        }

        text.Append("  esac\n}\n\n_gatewayops_values() {\n  case \"$1 $2\" in\n");
        foreach (var (path, command) in commands)
        {
            foreach (var option in command.Options.Where(option => !option.Recursive && !option.Hidden && TakesValue(option)))
            {
                text.Append($"    {string.Join('|', Names(option).Select(name => $"'{path} {name}'"))}) echo '{Values(option)}' ;;\n");
            }
        }

        // A verb may have its own option of the name: the first that fits counts.
        foreach (var option in recursive.Where(TakesValue))
        {
            text.Append($"    {string.Join('|', Names(option).Select(name => $"*' {name}'"))}) echo '{Values(option)}' ;;\n");
        }

        return text.Append("  esac\n}\n\n").Append(Walk).Append('\n').ToString();
    }

    private static IEnumerable<(string Path, Command Command)> Below(Command command, string path) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => Below(inner, path.Length == 0 ? inner.Name : $"{path} {inner.Name}")).Prepend((path, command));

    private static IEnumerable<string> Words(Command command, IEnumerable<Option> recursive) =>
    [
        .. command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name),
        .. command.Arguments.Where(argument => !argument.Hidden).SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(item => item.Label),
        .. command.Options.Where(option => !option.Hidden && !option.Recursive).Select(option => option.Name),
        .. recursive.Select(option => option.Name).Except(command.Options.Where(option => !option.Recursive).Select(option => option.Name)),
    ];

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    // Help names what it takes: a list of words, or a path.
    private static string Values(Option option) =>
        option.HelpName?.Contains('|') == true ? option.HelpName.Replace('|', ' ')
        : string.Join(' ', option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)) is { Length: > 0 } words ? words
        : option.HelpName == "path" || option.Name is "--file" or "--with" or "--data" ? Files
        : Anything;
}
