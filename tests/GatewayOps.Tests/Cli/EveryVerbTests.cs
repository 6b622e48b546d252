using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Cli;
using GatewayOps.Tests.Conventions;
using GatewayOps.Tests.Docs;
using GatewayOps.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace GatewayOps.Tests.Cli;

/// <summary>
/// What holds of every verb, by the tree and each verb's own first example: exit codes that its help names, data on stdout in the asked format and messages on stderr, errors that say what, why and
/// what next, no colours and no questions where there is no terminal. Source: product.md, section 8.
/// </summary>
public sealed partial class EveryVerbTests : IAsyncLifetime, IDisposable
{
    // These serve until they are stopped; DevTests, DemoTests, ReadmeTests and the compose file's demo run them.
    private static readonly string[] Servers = ["demo", "dev", "serve", "emulator", "traffic"];

    // These ask no service.
    private static readonly string[] Local =
    [
        "install", "uninstall", "open", "completion", "secret put", "config get-contexts", "config current-context", "config use-context", "config set-context", "config delete-context", "content validate", "lint",
    ];

    // What is wrong is what they are asked for, so that it is data.
    private static readonly string[] TellWhatIsWrong = ["doctor", "status", "test"];

    private readonly TemporaryFolder _folder = new();
    private StubService _service = null!;

    private static IEnumerable<(string Path, Command Command)> Verbs => CliGuideTests.Verbs();

    public async Task InitializeAsync()
    {
        _service = await StubService.StartAsync();
        const string Anything = """
            {"name":"rules","documents":[],"status":[],"state":"off","parts":{"path":"/"},"changes":[],"revision":1,"latestRevision":1,"upstreams":[],"cache":{"state":"off","parts":{"path":"/"}},"verdict":{"allowed":true},
             "verified":true,"drifted":false,"checks":[{"name":"status","ok":true,"detail":"well"}],"rules":[],"outcome":"succeeded","ignore":[],"mode":"enforce","replayed":0,"changed":0,"files":[]}
            """;
        _service.Otherwise = new StubAnswer(Anything);
        _service.Says("Hello").On("GET /v1/route-check", Anything).On("GET /api/v1/content/configured", "", status: 404);
        foreach (var (name, text) in new[]
        {
            ("rules.json", """{"name":"rules","rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":60}}]}"""),
            ("request.json", """{"model":"gpt-4o-mini","messages":[]}"""), ("monday.json", "{}"), ("tuesday.json", "{}"), ("handover.json", """{"schema":"x"}"""), ("new-key.txt", "secret"), ("question.txt", "why"),
            ("prompts.jsonl", """{"prompt":"why"}"""),
        })
        {
            await File.WriteAllTextAsync(_folder[name], text);
        }

        await BeginAnewAsync("config");
    }

    [Fact]
    public void Serve_TakesSettings_ThatAreNoOptionsOfItsOwn() =>
        Assert.Empty(Shell.FaultsOf(CommandTree.Build(CliGuideTests.Shell).Parse(["serve", "--urls", "http://127.0.0.1:0", "--GatewayOps:Proxy:AuthToken=x"])));

    [Fact]
    public async Task Misspelt_IsAnErrorOfTheVerb_AndNamesItsHelp()
    {
        await Assert.AllAsync(Verbs.Where(verb => verb.Command.TreatUnmatchedTokensAsErrors), async verb =>
        {
            var run = await RunAsync(_service.Url, [.. verb.Path.Split(' '), "--no-such-option"]);
            Assert.Equal((CliGuideTests.Shell.ExitsOf(verb.Command)!.Failure, ""), (run.ExitCode, run.Output));
            Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
            Assert.Contains("'--no-such-option'", run.Errors, StringComparison.Ordinal);
            Assert.EndsWith($"next:  gatewayops {verb.Path} --help\n", run.Errors, StringComparison.Ordinal);
        });
        Assert.Empty(_service.Requests);
        // Behind `--` it is a word like others.
        Assert.Equal(0, (await RunAsync(_service.Url, ["health", "--data", _folder["data"], "--", "--no-such-option"])).ExitCode);
        Assert.Equal("/--no-such-option", _service.Request.Path);
    }

    [Fact]
    public async Task Help_IsData_WithExamplesAndExitCodes() => await Assert.AllAsync(Verbs, async verb =>
    {
        var run = await RunAsync(_service.Url, [.. verb.Path.Split(' '), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains($"Exit codes: {CliGuideTests.Shell.ExitsOf(verb.Command)!.Meaning}\n", run.Output);
        Assert.All(Examples.Of(verb.Path), example => Assert.Contains($"  {example}\n", run.Output));
        Assert.DoesNotContain('\u001b', run.Output);
    });

    [Fact]
    public async Task Formats_AreKept_AndExitCodesAreThoseOfTheHelp() => await Assert.AllAsync(Runnable(), async verb =>
    {
        foreach (var format in new[] { "table", "json", "yaml", "name" })
        {
            await BeginAnewAsync(verb.Path);
            var run = await RunAsync(_service.Url, [.. Line(verb.Path), "-o", format]);
            var about = $"gatewayops {string.Join(' ', Line(verb.Path))} -o {format}\n{run.Output}\n{run.Errors}";
            Assert.True(Documented(verb.Command).Contains(run.ExitCode), $"exits {run.ExitCode}: {about}");
            Assert.DoesNotContain('\u001b', run.Output + run.Errors);
            // What fails for another reason than what is looked at would prove nothing.
            Assert.False(run.Errors.StartsWith("error: ", StringComparison.Ordinal), about);
            Assert.True(verb.Path == "content get" || IsOf(format, run.Output), about);
        }
    });

    [Fact]
    public async Task ServiceThatIsAway_IsAnError_ThatSaysWhatToDo()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}");
        closed.Stop();
        await Assert.AllAsync(Runnable().Where(verb => !Local.Contains(verb.Path)), async verb =>
        {
            var run = await RunAsync(url, Line(verb.Path));
            Assert.True(run.ExitCode == CliGuideTests.Shell.ExitsOf(verb.Command)!.Failure || TellWhatIsWrong.Contains(verb.Path), $"exits {run.ExitCode}: {run.Errors}");
            Assert.NotEqual(0, run.ExitCode);
            if (!TellWhatIsWrong.Contains(verb.Path))
            {
                Assert.True(run.Output.Length == 0, run.Output);
                Assert.Matches("(?m)^error: .+", run.Errors);
                Assert.Matches("(?m)^next:  .+", run.Errors);
            }
        });
    }

    [Fact]
    public async Task ServiceThatRefuses_IsAnError_ThatSaysWhatToDo()
    {
        await using var refusing = await StubService.StartAsync();
        // Whether it is ready it tells everybody.
        refusing.On("GET /readyz", "{}").Otherwise = new StubAnswer("""{"type":"urn:gatewayops:problem:unauthorized","title":"t","status":401,"detail":"This needs an operator token."}""", 401);
        await Assert.AllAsync(Runnable().Where(verb => !Local.Contains(verb.Path) && verb.Path != "health"), async verb =>
        {
            var run = await RunAsync(refusing.Url, Line(verb.Path));
            Assert.True((verb.Path == "test" ? ExitCodes.Failed : CliGuideTests.Shell.ExitsOf(verb.Command)!.Failure) == run.ExitCode, $"exits {run.ExitCode}: {run.Errors}");
            Assert.Matches("TOKEN", run.Errors + run.Output);
        });
    }

    [Fact]
    public void Terminal_IsReadInOnePlace_AndNothingAsksBack()
    {
        var readers = SourceFile.Below("controlplane/Cli").Where(file => Reads().IsMatch(file.Text)).Select(file => file.Path).Order(StringComparer.Ordinal);
        Assert.Equal(["controlplane/Cli/Input.cs", "controlplane/Cli/Terminal.cs"], readers);
        Assert.DoesNotContain(SourceFile.Below("controlplane/Cli"), file => Prompts().IsMatch(file.Text));
    }

    [Fact]
    public void Secrets_AreNoValuesOfOptions()
    {
        // Names of variables, paths and kinds of tokens are none; the emulator has no secrets, and its own table of options.
        var suspicious = Verbs.Where(verb => verb.Path != "emulator").SelectMany(verb => verb.Command.Options.Select(option => (verb.Path, option.Name, option.HelpName)))
            .Where(option => Secret().IsMatch(option.Name) && option.HelpName is not ("variable" or "path") && option is not ("token create", "--key", _) and not ("token list", "--key", _) and not (_, "--virtual-key", _) and not (_, "--max-tokens", _));
        Assert.Empty(suspicious);
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(string Path, Command Command)> Runnable() => Verbs.Where(verb => !Servers.Contains(verb.Path));

    private static HashSet<int> Documented(Command command) => [.. Number().Matches(CliGuideTests.Shell.ExitsOf(command)!.Meaning).Select(match => int.Parse(match.Value))];

    // The first example that takes nothing from stdin, with its files in the test's folder, in the format that the test says.
    private string[] Line(string path)
    {
        var words = CommandLineParser.SplitCommandLine(CommandLine.Only(Examples.Of(path).FirstOrDefault(NeedsNoStdin) ?? Examples.Of(path)[0])).Select(word => File.Exists(_folder[word]) ? _folder[word] : word).ToList();
        if (words.IndexOf("-o") is >= 0 and var format)
        {
            words.RemoveRange(format, 2);
        }

        return
        [
            .. words,
            .. path switch
            {
                // What is written must not be there yet, and not here.
                "stack import" => ["--output-file", Path.Combine(Directory.CreateDirectory(_folder[Guid.NewGuid().ToString("N")]).FullName, "Pulumi.prod.yaml")],
                // Its waits are looked at elsewhere.
                "batch run" or "run" => ["--retries", "0"],
                _ => Array.Empty<string>(),
            },
        ];
    }

    private static bool NeedsNoStdin(string example) => !example.Contains('<') && !example.Contains("--file -") && example.Split("gatewayops ").Length == 2 && !example.EndsWith("gatewayops chat", StringComparison.Ordinal);

    private Task<CliRun> RunAsync(Uri service, string[] line) => CliRun.InAsync(
        new Dictionary<string, string>
        {
            ["GATEWAYOPS_URL"] = service.ToString(),
            ["GATEWAYOPS_OPERATOR_TOKEN"] = TestService.OperatorToken,
            ["AUTH_TOKEN"] = "caller",
            ["HOME"] = _folder.Path,
            ["ANTHROPIC_API_KEY"] = "x",
            ["NEW_TOKEN"] = "x",
            ["TEAM_KEY"] = "x",
        },
        [.. line, .. line.Contains("--data") ? Array.Empty<string>() : ["--data", _folder["data"]]],
        _folder.Path);

    // There is a context, and no output of a batch.
    private async Task BeginAnewAsync(string path)
    {
        if (path.StartsWith("config", StringComparison.Ordinal))
        {
            Assert.Equal(0, (await RunAsync(_service.Url, ["config", "set-context", "prod", "--url", _service.Url.ToString(), "--use"])).ExitCode);
        }

        foreach (var output in Directory.EnumerateFiles(_folder.Path, "*.jsonl*").Where(path => Path.GetFileName(path) != "prompts.jsonl"))
        {
            File.Delete(output);
        }
    }

    private static bool IsOf(string format, string output)
    {
        switch (format)
        {
            case "json" when output.Length > 0:
                return JsonNode.Parse(output) is not null;
            case "yaml" when output.Length > 0:
                var yaml = new YamlStream();
                yaml.Load(new StringReader(output));
                return yaml.Documents is [{ RootNode: YamlMappingNode }];
            default:
                return true;
        }
    }

    [GeneratedRegex(@"\b\d+\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"\bConsole\.(In\b|Read|OpenStandardInput)")]
    private static partial Regex Reads();

    [GeneratedRegex(@"\b(Prompt<|TextPrompt|ConfirmationPrompt|SelectionPrompt|\.Confirm\(|\.Ask<)")]
    private static partial Regex Prompts();

    [GeneratedRegex("token|secret|password|key", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
