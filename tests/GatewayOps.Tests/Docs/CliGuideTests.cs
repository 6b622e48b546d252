using System.CommandLine;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>cli.md is the manual of every verb: what stands between its marks is made from the command tree. GATEWAYOPS_UPDATE_GOLDEN=1 writes it anew.</summary>
public sealed class CliGuideTests
{
    internal static readonly Shell Shell = new(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory));
    private static readonly RootCommand Root = CommandTree.Build(Shell);

    [Fact]
    public void Reference_IsThatOfTheCommandTree() => MadePart.Hold(
        "controlplane/docs/cli.md",
        ("options of every verb", CliPage.Common(Shell)),
        ("list", CliPage.Index(Verbs())),
        ("verbs", CliPage.Verbs(Verbs(), Shell)));

    [Fact]
    public void Notes_AreOfVerbsThatThereAre_AndNameHeadingsThatThereAre()
    {
        Assert.Empty(Note.Verbs.Except(Verbs().Select(verb => verb.Path)));
        Assert.All(Note.Verbs.Select(verb => Note.Of(verb)!.See).OfType<string>(), see =>
        {
            var headings = File.ReadAllLines(Repository.File($"controlplane/docs/{see.Split('#')[0]}")).Where(line => line.StartsWith('#')).Select(line => string.Concat(line.TrimStart('#', ' ').ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-')));
            Assert.True(!see.Contains('#') || headings.Contains(see.Split('#')[1]), see);
        });
    }

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
