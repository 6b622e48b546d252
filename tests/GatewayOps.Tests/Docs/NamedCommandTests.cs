using System.CommandLine;
using System.Text.RegularExpressions;
using GatewayOps.Cli;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Conventions;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Docs;

/// <summary>A command that a message, a comment or a guide tells somebody to type is one that there is.</summary>
public sealed partial class NamedCommandTests
{
    private static readonly RootCommand Root = CommandTree.Build(new Shell(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory)));

    [Fact]
    public void CommandsInBackticks_AreThere()
    {
        var named = SourceFile.Below("controlplane").Select(file => (file.Path, file.Text))
            .Concat(new[] { "controlplane/docs", "infra/monitoring/runbooks" }.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*.md")).Append(Repository.File("README.md")).Select(path => (Path: Path.GetFileName(path), Text: File.ReadAllText(path))))
            .SelectMany(file => Named().Matches(file.Text).Select(match => (file.Path, Line: match.Groups["line"].Value)))
            .ToList();
        Assert.True(named.Count > 20);
        Assert.All(named, command => Assert.True(Fault(command.Line) is not { } fault, $"{command.Path} says `gatewayops {command.Line}`: {Fault(command.Line)}"));
    }

    [Theory]
    [InlineData("content list", null)]
    [InlineData("gateway create {id}", null)]
    [InlineData("gateway mode prod enforce", "'mode'")]
    [InlineData("plan --nome x", "--nome")]
    [InlineData("frobnicate", "frobnicate")]
    public void Fault_OfACommand(string line, string? fault) => Assert.Equal(fault is null, Fault(line) is null || !Fault(line)!.Contains(fault!));

    // Verbs and options must be there; what is left out with `...`, or is required and not said, is the reader's to fill in.
    private static string? Fault(string line)
    {
        var words = CommandLine.Only($"gatewayops {Hole().Replace(line, "x").Replace("...", "")}").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Root.Parse(words).Errors.Select(error => error.Message).FirstOrDefault(message => !message.Contains("equired", StringComparison.Ordinal) && !message.StartsWith("Cannot parse argument", StringComparison.Ordinal));
    }

    // In a comment or text in backticks.
    [GeneratedRegex("`gatewayops (?<line>[a-z][^`\n]*)`")]
    private static partial Regex Named();

    // What an interpolated string fills in; may hold quotes and one level of braces.
    [GeneratedRegex(@"\{(?:[^{}]|\{[^{}]*\})*\}")]
    private static partial Regex Hole();
}
