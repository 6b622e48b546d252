using System.CommandLine;
using System.Diagnostics;
using GatewayOps.Cli;
using GatewayOps.Cli.Completion;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>`completion`: what the shells themselves offer, for every place of the command tree.</summary>
public sealed class CompletionTests : IDisposable
{
    private static readonly RootCommand Root = CommandTree.Build(new Shell(TextWriter.Null, TextWriter.Null, new Surroundings(new Dictionary<string, string>(), AppContext.BaseDirectory)));

    private readonly TemporaryFolder _folder = new();

    /// <summary>What is typed, with the cursor at the end of the last word; what is offered.</summary>
    private static readonly (string[] Typed, string[] Offered)[] Cases =
    [
        (["cont"], ["content"]),
        (["content", "re"], ["remove", "replay"]),
        (["-o", "json", "content", "hist"], ["history"]),
        (["usage", "--by", ""], ["provider", "model", "gateway", "key", "hour", "day"]),
        (["analytics", "--by", "st"], ["status"]),
        (["runs", "-o", ""], ["table", "json", "yaml", "name"]),
        (["runs", "--gateway", ""], []),
        (["runs", "--gateway", "prod", "--out"], ["--outcome", "--output"]),
        (["token", "create", "--key", "--mod"], ["--model"]),
        (["completion", "b"], ["bash"]),
        (["completion", "z"], ["zsh"]),
        (["secret", "put", "OPENA"], ["OPENAI_API_KEY"]),
        (["content", "add", "--file", "ru"], ["rules file.json"]),
        (["analytics", "rec"], ["reconcile"]),
        (["gateway", "show", "prod", "--d"], ["--data"]),
    ];

    [Fact]
    public async Task Bash_OffersWhatTheTreeHas()
    {
        await File.WriteAllTextAsync(_folder["rules file.json"], "{}");
        var offered = await OfferedAsync("bash", Everywhere().Concat(Cases).ToList(), typed => $"COMP_WORDS=(gatewayops {Quoted(typed)}); COMP_CWORD={typed.Length}; _gatewayops; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        Assert.All(offered, pair => Assert.Equal(pair.Expected.Order(StringComparer.Ordinal), pair.Offered.Order(StringComparer.Ordinal)));
    }

    [ZshFact]
    public async Task Zsh_OffersTheSame()
    {
        await File.WriteAllTextAsync(_folder["rules file.json"], "{}");
        const string Stand = "compdef() { :; }; compadd() { shift; print -rl -- \"$@\"; }; _files() { print -rl -- *; };";
        var offered = await OfferedAsync("zsh", Everywhere().Concat(Cases).ToList(), typed => $"words=(gatewayops {Quoted(typed)}); CURRENT={typed.Length + 1}; _gatewayops", Stand);
        // The shell itself leaves out what does not begin as the word does.
        Assert.All(offered, pair => Assert.Equal(pair.Expected.Order(StringComparer.Ordinal), pair.Offered.Where(word => word.StartsWith(pair.Typed[^1], StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task BothShells_ReadTheSameTables_AndTheVerbPrintsThem()
    {
        var shared = CompletionScript.Shared(Root);
        foreach (var shell in new[] { "bash", "zsh" })
        {
            var run = await CliRun.InProcessAsync("completion", shell);
            Assert.Equal((0, "", CompletionScript.Of(Root, shell)), (run.ExitCode, run.Errors, run.Output));
            Assert.Contains(shared, run.Output);
        }

        Assert.StartsWith("#compdef gatewayops\n", CompletionScript.Of(Root, "zsh"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await CliRun.InProcessAsync("completion", "fish")).ExitCode);
    }

    public void Dispose() => _folder.Dispose();

    // After every verb, and every group of them, with nothing typed yet: all that may follow.
    private static IEnumerable<(string[] Typed, string[] Offered)> Everywhere() => Below(Root, []).Select(place =>
    {
        var command = place.Command;
        string[] words =
        [
            .. command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name),
            .. command.Options.Concat(Root.Options.Where(option => option.Recursive)).Where(option => !option.Hidden).Select(option => option.Name).Distinct(),
        ];
        return ((string[])[.. place.Path, ""], words);
    }).Where(place => place.Item1[0] is not ("completion" or "secret")); // these offer their arguments, too: see the cases

    private static IEnumerable<(string[] Path, Command Command)> Below(Command command, string[] path) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => Below(inner, [.. path, inner.Name])).Prepend((path, command));

    // One shell for all of them.
    private async Task<List<(string[] Typed, string[] Expected, string[] Offered)>> OfferedAsync(string shell, List<(string[] Typed, string[] Offered)> cases, Func<string[], string> ask, string before = "")
    {
        const string Next = "----";
        var script = $"{before}\n{CompletionScript.Of(Root, shell)}\n{string.Join('\n', cases.Select(row => $"{ask(row.Typed)}\necho {Next}"))}\n";
        await File.WriteAllTextAsync(_folder["script"], script);
        var start = new ProcessStartInfo(shell) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = _folder.Path, ArgumentList = { _folder["script"] } };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.EndAsync();
        Assert.Equal("", await errors);
        var parts = output.Split($"{Next}\n")[..^1];
        Assert.Equal(cases.Count, parts.Length);
        return [.. cases.Zip(parts, (row, part) => (row.Typed, row.Offered, part.Split('\n', StringSplitOptions.RemoveEmptyEntries)))];
    }

    private static string Quoted(string[] words) => string.Join(' ', words.Select(word => $"'{word}'"));
}

/// <summary>A test that needs zsh: it says so by name where zsh is not installed, and is never left out where it is.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ZshFactAttribute : FactAttribute
{
    public ZshFactAttribute() => Skip = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "zsh")))
        ? null
        : "zsh is not installed; its script reads the same tables as that of bash, which is tested";
}
