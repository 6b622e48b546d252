using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GatewayOps.Cli.Dev;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>README as a new user follows it: every line of its shell blocks, in its order, from a fresh data folder and with nothing in the environment.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // What each line must do. A line that README has and this list has not (or the other way round) fails the test.
    private static readonly Step[] Steps =
    [
        new("dotnet run --project controlplane/Cli -- demo", Run.ByCi),
        new("dotnet run --project controlplane/Cli -- dev", Run.Dev),
        new("gatewayops status", Says: @"^healthy +\d+\.\d+\.\d+\S* +openai-compat "),
        new("gatewayops content validate --file controlplane/samples/production-rules.json", Run.Process, Says: "^valid"),
        new("gatewayops content add --file controlplane/samples/production-rules.json", Run.Process, Says: "^production-rules +1 +[0-9a-f]{64} +false"),
        new("gatewayops plan --name production-rules", Exit: 1, Says: @"^  ~ gateway openai-compat cache_ttl: 0 -> 300 (?s:.*)^/rules/0/cache/ttl +request_header (?s:.*)^plan hash [0-9a-f]{64}"),
        new("gatewayops execute --name production-rules", Says: "^gateway openai-compat: succeeded"),
        new("gatewayops gateway show openai-compat", Says: @"^  applied +production-rules@1 at \d{4}-(?s:.*)^Ready +True "),
        new("gatewayops gateway drift openai-compat", Says: @"^No drift\."),
        new("gatewayops runs", Says: @"^\S+ +openai-compat +execute +succeeded +\d+ +production-rules@1 "),
        new("gatewayops rollback --name production-rules --revision 1", Says: "^gateway openai-compat: succeeded"),
        new("gatewayops gateway pause openai-compat --reason incident-42", Says: @"^openai-compat +enforce .* at \d{4}-.*: incident-42$"),
        new("gatewayops gateway resume openai-compat", Says: "^resumed openai-compat"),
        new("gatewayops gateway control openai-compat", Says: @"^openai-compat +enforce +- +-$"),
        new("gatewayops content history --name production-rules", Says: @"^1 +[0-9a-f]{64} .* openai-compat$"),
        new("gatewayops lint --name production-rules", Says: "^info "),
        new("gatewayops import --gateway openai-compat", Says: @"""cache_ttl"": 300"),
        new("gatewayops token create --name ci --scope apply --expires-in 90d", Says: @"^[0-9a-f-]{36} +ci +apply +\d{4}-.* \S{20,}$"),
        new("gatewayops audit verify", Says: @"^\d+ +\S+ .*[0-9a-f]{64}$"),
        new("gatewayops doctor", Says: @"^ok +gateway +openai-compat is there$"),
        new(
            """curl http://127.0.0.1:8787/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'""",
            Run.Curl,
            Says: @"^HTTP/1\.1 200 (?s:.*)""object"":""chat\.completion"""),
        new("gatewayops usage --by provider", Says: @"^openai +[1-9]\d* +0 "),
        new("gatewayops logs --tail 10", Says: @"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +openai-compat +\S+ +\S+ +200 "),
        new("gatewayops serve --urls http://0.0.0.0:8787", Run.Serve),
        new("dotnet test GatewayOps.sln", Run.ByCi),
    ];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("gatewayops-readme-");
    private readonly int _port = Ports.Free();

    private enum Run
    {
        /// <summary>The command tree, in this process: to start the program anew for each line takes longer than all that they do.</summary>
        Verb,

        /// <summary>The program, as a user starts it: where a path is relative to the folder.</summary>
        Process,
        Curl,
        Dev,
        Serve,
        ByCi,
    }

    [Fact, Trait("checklist", "S1-18"), Trait("checklist", "S1-20"), Trait("checklist", "S2-03")]
    public async Task Readme_EveryShellLineInOrder_DoesWhatReadmeSays()
    {
        Assert.Equal(Steps.Select(step => step.Line), ShellLines(await File.ReadAllTextAsync(Repository.File("README.md"))));

        Process? dev = null;
        try
        {
            foreach (var step in Steps)
            {
                switch (step.Run)
                {
                    case Run.Dev:
                        dev = await StartDevAsync(step.Line);
                        break;
                    case Run.ByCi:
                        Assert.Contains(step.Line, (await File.ReadAllTextAsync(Repository.File(".ci/run"))).Replace(" --no-build", ""));
                        break;
                    case Run.Serve:
                        var refused = await CliRun.ProcessAsync(Words(step.Line), folder: _data.FullName);
                        Assert.Equal(1, refused.ExitCode);
                        Assert.Contains("ConnectionStrings:GatewayOps is not set", refused.Errors);
                        break;
                    default:
                        await CheckAsync(step);
                        break;
                }
            }
        }
        finally
        {
            await StopAsync(dev);
        }
    }

    public void Dispose() => _data.Delete(recursive: true);

    // Usage and log rows arrive a moment after the answer, so a line may be typed again until it shows them. Its exit code is right at once.
    private async Task CheckAsync(Step step)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            string[] words = [.. Words(step.Line), "--data", _data.FullName];
            var run = step.Run == Run.Curl ? await CurlAsync(step.Line)
                : step.Run == Run.Process ? await CliRun.ProcessAsync(words, folder: Repository.Root)
                : await CliRun.InAsync(new Dictionary<string, string>(), words, Repository.Root);
            Assert.True(run.ExitCode == step.Exit, $"{step.Line}\nexits {run.ExitCode} instead of {step.Exit}:\n{run.Output}{run.Errors}");
            if (Regex.IsMatch(run.Output + run.Errors, step.Says, RegexOptions.Multiline))
            {
                return;
            }

            Assert.True(step.Line.Split(' ')[1] is "usage" or "logs" && Stopwatch.GetElapsedTime(since) < Patience, $"{step.Line}\ndoes not say {step.Says}:\n{run.Output}{run.Errors}");
            await Task.Delay(200);
        }
    }

    private async Task<CliRun> CurlAsync(string line)
    {
        var start = new ProcessStartInfo("sh") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { "-c", line.Replace("curl ", "curl -si ").Replace(":8787/", $":{_port}/") } };
        using var curl = Process.Start(start)!;
        var (output, errors) = (curl.StandardOutput.ReadToEndAsync(), curl.StandardError.ReadToEndAsync());
        await curl.EndAsync();
        foreach (var header in new[] { "x-gatewayops-provider", "x-gatewayops-cache", "x-gatewayops-revision", "x-request-id" })
        {
            Assert.Contains($"\n{header}: ", await output);
        }

        return new CliRun(curl.ExitCode, await output, await errors);
    }

    private async Task<Process> StartDevAsync(string line)
    {
        var arguments = line.Split(" -- ")[1].Split(' ');
        var dev = CliRun.Start([.. arguments, "--port", $"{_port}", "--emulator-port", $"{Ports.Free()}", "--data", _data.FullName], folder: _data.FullName);
        var errors = dev.StandardError.ReadToEndAsync();
        var welcome = new List<string>();
        while (await dev.StandardOutput.ReadLineAsync() is { } said)
        {
            welcome.Add(said);
            if (said.StartsWith("Ctrl-C stops everything", StringComparison.Ordinal))
            {
                Assert.Equal(3, welcome.Count(text => text.StartsWith("curl ", StringComparison.Ordinal)));
                Assert.Contains(welcome, text => text.StartsWith("operator token ", StringComparison.Ordinal));
                return dev;
            }
        }

        throw new InvalidOperationException($"dev ended: {await errors}");
    }

    private static async Task StopAsync(Process? dev)
    {
        if (dev is null)
        {
            return;
        }

        using (dev)
        {
            await dev.SignalAsync("INT");
            await dev.EndAsync();
        }
    }

    private static string[] Words(string line) => line.Split(' ')[1..];

    private static IEnumerable<string> ShellLines(string markdown) =>
        ShellBlock().Matches(markdown).SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"^```sh\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    private sealed record Step(string Line, Run Run = Run.Verb, int Exit = 0, string Says = "");
}
