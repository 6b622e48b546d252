using System.CommandLine;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Tests.Docs;

/// <summary>cli.md names every verb with its options and exit codes, and every option.</summary>
public sealed class CliGuideTests
{
    private static readonly Shell Shell = new(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory));
    private static readonly RootCommand Root = CommandTree.Build(Shell);

    [Fact]
    public void Verbs_AreThoseOfTheCommandTree() => GuideTable.Holds("cli.md", "Verb", Verbs().Select(verb => new[]
    {
        $"`{string.Join(' ', [verb.Path, .. verb.Command.Arguments.Where(argument => !argument.Hidden).Select(argument => argument.Name.ToUpperInvariant())])}`",
        verb.Path == "emulator" ? "[its own](emulator.md)" : string.Join(' ', Options(verb.Command).Select(option => $"`{option.Name}`")) is { Length: > 0 } options ? options : "none",
        Shell.ExitsOf(verb.Command)!.Meaning,
    }));

    [Fact]
    public void Options_AreThoseOfTheCommandTree() => GuideTable.Holds("cli.md", "Option", new Option[] { Shell.Format, Shell.Data }.Concat(Verbs().Where(verb => verb.Path != "emulator").SelectMany(verb => Options(verb.Command)))
        .DistinctBy(option => option.Name).OrderBy(option => option.Name, StringComparer.Ordinal)
        .Select(option => new[] { string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name).Select(name => $"`{name}`")) }));

    [Fact]
    public void OneOption_HasTheSameAliasesEverywhere() => Assert.All(
        Verbs().SelectMany(verb => Options(verb.Command)).GroupBy(option => option.Name),
        same => Assert.Single(same.Select(option => string.Join(' ', option.Aliases.Order(StringComparer.Ordinal))).Distinct()));

    [Fact]
    public void EveryVerb_HasExamples_ThatParse()
    {
        Assert.Equal(Verbs().Select(verb => verb.Path).Append("").Order(StringComparer.Ordinal), Examples.Verbs.Order(StringComparer.Ordinal));
        Assert.All(Examples.Verbs.SelectMany(verb => Examples.Of(verb).Select(example => (Verb: verb, Example: example))), shown =>
        {
            var line = CommandLine.Only(shown.Example);
            var parsed = Root.Parse(line, CommandTree.Parsing);
            Assert.True(parsed.Errors.Count == 0, $"{shown.Example}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
            Assert.True(shown.Verb.Length == 0 || line == shown.Verb || line.StartsWith(shown.Verb + ' ', StringComparison.Ordinal), $"{shown.Example} is no example of {shown.Verb}");
        });
    }

    [Fact]
    public void EveryVerbAndOption_SaysWhatItIs() => Assert.All(Verbs(), verb =>
    {
        Assert.True(verb.Command.Description is { Length: > 10 } text && text.EndsWith('.'), verb.Path);
        Assert.All(verb.Command.Options, option => Assert.True(option.Description is { Length: > 3 } about && about.EndsWith('.'), $"{verb.Path} {option.Name}"));
    });

    internal static IEnumerable<(string Path, Command Command)> Verbs() => Below(Root, "");

    private static IEnumerable<(string Path, Command Command)> Below(Command command, string path) => command.Subcommands.SelectMany(inner =>
    {
        var at = path.Length == 0 ? inner.Name : $"{path} {inner.Name}";
        return inner.Subcommands.Count == 0 ? [(at, inner)] : inner.Action is null ? Below(inner, at) : Below(inner, at).Prepend((at, inner));
    });

    private static IEnumerable<Option> Options(Command verb) => verb.Options.Where(option => !option.Hidden);
}
