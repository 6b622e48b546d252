using System.Diagnostics;
using System.Text.RegularExpressions;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>The programs of samples/ as their READMEs say: built, started as processes, through the proxy, against the emulator.</summary>
public sealed partial class SamplesTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ProxyStage _stage = null!;

    // As `dev` has it: open to this machine.
    public async Task InitializeAsync() => _stage = await ProxyStage.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AuthToken"] = "" });

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ConsoleAgent_DoesWhatItsReadmeSays()
    {
        using var agent = Start("ConsoleAgent", Assert.Single(Blocks("ConsoleAgent")));
        var (output, errors) = await EndAsync(agent);
        Assert.True(agent.ExitCode == 0, errors);
        Assert.Collection(output.Split(" turns)\n", StringSplitOptions.RemoveEmptyEntries),
            weather => Assert.Matches(@"22 °C and sunny in (?s:.*)\(\d+ tokens of openai in 2$", weather),
            money => Assert.Matches(@" are \d+ (?s:.*)\(\d+ tokens of openai in 2$", money),
            interest => Assert.EndsWith(" tokens of openai in 2", interest));
        Assert.Single(await File.ReadAllLinesAsync(_folder["interests.txt"]));
    }

    [Theory]
    [InlineData("unset CLOUDFLARE_GATEWAY_TOKEN", "Configuration error: GatewayToken is missing: give it, or set CLOUDFLARE_GATEWAY_TOKEN")]
    [InlineData("export CLOUDFLARE_GATEWAY_BASE_URL=http://127.0.0.1:9", "127.0.0.1:9 cannot be reached")]
    public async Task ConsoleAgent_SaysWhatToDo_AndNothingElse(string change, string error)
    {
        using var agent = Start("ConsoleAgent", Blocks("ConsoleAgent")[0].Replace("\ndotnet", $"\n{change}\ndotnet", StringComparison.Ordinal).Split("\nprintf")[0]);
        var (output, errors) = await EndAsync(agent);
        Assert.Equal((1, ""), (agent.ExitCode, output));
        Assert.StartsWith(error, errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task WebChat_DoesWhatItsReadmeSays()
    {
        var blocks = Blocks("WebChat");
        Assert.Equal(2, blocks.Count);
        // The program in the shell's place, so that its end is the test's to decide; on a port of its own.
        using var app = Start("WebChat", blocks[0].Replace("\ndotnet", "\nexec dotnet", StringComparison.Ordinal).Replace(":5080", ":0", StringComparison.Ordinal));
        try
        {
            var address = await AddressAsync(app);
            using var curl = Start("WebChat", blocks[1].Replace("http://127.0.0.1:5080", address, StringComparison.Ordinal).Replace("\n", "\necho\n", StringComparison.Ordinal));
            var (output, errors) = await EndAsync(curl);
            Assert.True(curl.ExitCode == 0, errors);
            Assert.Matches("""^{"text":"[^"]*Why is the sky blue\?[^"]*","provider":"openai","tokens":[1-9]\d*}\n""", output);
            Assert.True(Regex.Count(output, "^data: .", RegexOptions.Multiline) > 2, output);
            Assert.Matches("""event: done\ndata: \n\n\n{"feeling":"[^"]*","confidence":[^}]*}\n$""", output);

            await _stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 429, retryAfterSeconds = 0 });
            using var http = new HttpClient();
            using var limited = await http.PostAsync(new Uri($"{address}/chat"), new StringContent("""{"message":"too much"}""", System.Text.Encoding.UTF8, "application/json"));
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, limited.StatusCode);
        }
        finally
        {
            app.Kill();
            await app.EndAsync();
        }
    }

    private Process Start(string sample, string script)
    {
        var program = Repository.File($"samples/{sample}/bin/{Configuration}/net10.0/{sample}.dll");
        Assert.True(File.Exists(program), $"{program} is not built");
        var lines = script.Replace("http://127.0.0.1:8787", _stage.Service.BaseUrl.AbsoluteUri, StringComparison.Ordinal);
        lines = RunSample().Replace(lines, $"dotnet exec {program}");
        var start = new ProcessStartInfo("sh", ["-e", "-c", lines]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CLOUDFLARE_", StringComparison.Ordinal) || name.StartsWith("VAULT_", StringComparison.Ordinal) || name.StartsWith("GATEWAYOPS_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name == "LLM_PROVIDER").ToList())
            start.Environment.Remove(name);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    // Of the build that the tests are of.
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    private static async Task<(string Output, string Errors)> EndAsync(Process process)
    {
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.EndAsync();
        return (await output, await errors);
    }

    private static async Task<string> AddressAsync(Process app)
    {
        while (await app.StandardOutput.ReadLineAsync() is { } line)
            if (Listening().Match(line) is { Success: true } match) return match.Groups["url"].Value;
        throw new InvalidOperationException($"the app ended: {await app.StandardError.ReadToEndAsync()}");
    }

    private static List<string> Blocks(string sample) =>
        [.. ShellBlock().Matches(File.ReadAllText(Repository.File($"samples/{sample}/README.md"))).Select(block => block.Groups["lines"].Value)];

    [GeneratedRegex("^```sh\n(?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("dotnet run --project samples/[A-Za-z]+( --(?= ))?")]
    private static partial Regex RunSample();

    [GeneratedRegex("Now listening on: (?<url>http://[0-9.:]+)")]
    private static partial Regex Listening();
}
