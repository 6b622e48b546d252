using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GatewayOps.Cli;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>What the command line says without a service, and when something is missing.</summary>
public sealed class OfflineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatewayops-cli-");

    [Fact]
    public async Task Validate_ValidDocument_ExitsZero()
    {
        var run = await CliRun.InProcessAsync("content", "validate", "--file", Document("""{"rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":3600,"key":["model","messages"]}}]}"""));
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Contains("valid", run.Errors);
    }

    [Fact]
    public async Task Validate_SeveralFaults_NamesEachWithItsPointer()
    {
        var run = await CliRun.InProcessAsync("content", "validate", "-o", "json", "--file", Document("""{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":1}}],"providers":[{"name":"nobody","priority":1}],"colour":1}"""));
        Assert.Equal(1, run.ExitCode);
        var pointers = JsonNode.Parse(run.Output)!["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>());
        Assert.Equal(["/colour", "/providers/0/name", "/rules/0/cache/ttl"], pointers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Validate_MissingFile_SaysWhatAndTheNextStep()
    {
        var run = await CliRun.InProcessAsync("content", "validate", "--file", "/nowhere/rules.json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("/nowhere/rules.json cannot be read", run.Errors);
        Assert.Contains("next:", run.Errors);
    }

    [Fact]
    public async Task Plan_NoService_ExitsTwoAndNamesTheVariable()
    {
        var run = await CliRun.ProcessAsync(["plan", "--name", "x", "--data", _folder.FullName], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = $"http://127.0.0.1:{ClosedPort()}" });
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cannot be reached", run.Errors);
        Assert.Contains("GATEWAYOPS_URL", run.Errors);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task AnyVerb_UrlThatIsNone_NamesTheVariable()
    {
        var run = await CliRun.ProcessAsync(["status"], new Dictionary<string, string> { ["GATEWAYOPS_URL"] = "gateway" });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("GATEWAYOPS_URL is not an http or https URL", run.Errors);
    }

    [Fact]
    public async Task UnknownVerb_ExitsNonZero_AndPointsToHelp()
    {
        var run = await CliRun.InProcessAsync("frobnicate");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("frobnicate", run.Errors + run.Output);
    }

    [Theory]
    [InlineData(2, "error: --revision: 'abc' is not a whole number.", "next:  gatewayops plan --help", "plan", "--name", "x", "--revision", "abc")]
    [InlineData(2, "error: Option '--name' is required.", "next:  gatewayops content plan --help", "content", "plan")]
    [InlineData(1, "error: --limit: 'x' is not a whole number.", "next:  gatewayops runs --help", "runs", "--limit", "x")]
    [InlineData(1, "error: --rpm: '1.5' is not a whole number.\n", "next:  gatewayops token create --help", "token", "create", "--name", "x", "--key", "--rpm", "1.5")]
    [InlineData(1, "error: --budget: 'x' is not a number.\n", "next:  gatewayops token create --help", "token", "create", "--name", "x", "--key", "--budget", "x")]
    [InlineData(1, "error: --from: 'monday' is not a time like 2026-11-20T00:00:00Z.\n", "next:  gatewayops logs backfill --help", "logs", "backfill", "--gateway", "x", "--from", "monday", "--to", "2026-11-20T00:00:00Z")]
    [InlineData(1, "error: --output: 'xml' is not one of table, json, yaml, name.\n", "next:  gatewayops status --help", "-o", "xml", "status")]
    [InlineData(1, "error: --name is empty.\n", "next:  gatewayops content get --help", "content", "get", "--name", "")]
    [InlineData(2, "error: --name is empty.\n", "next:  gatewayops plan --help", "plan", "--name", "")]
    [InlineData(1, "error: id is empty.\n", "next:  gatewayops gateway show --help", "gateway", "show", "")]
    [InlineData(1, "error: --data is empty.\n", "next:  gatewayops install --help", "--data", "", "install")]
    [InlineData(1, "error: --from-file is empty.\n", "next:  gatewayops secret put --help", "secret", "put", "AUTH_TOKEN", "--from-file", "")]
    [InlineData(1, "error: --output-file is empty.\n", "next:  gatewayops import --help", "import", "--output-file", "")]
    [InlineData(1, "error: message is empty.\n", "next:  gatewayops chat --help", "chat", "")]
    public async Task Verb_MisspeltArguments_SaysWhichAndWhereHelpIs_AndIsNoDifference(int exitCode, string error, string next, params string[] arguments)
    {
        var run = await CliRun.InProcessAsync(arguments);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(error, run.Errors);
        Assert.Contains(next, run.Errors);
    }

    [Fact]
    public async Task Help_NamesEveryVerb()
    {
        var run = await CliRun.InProcessAsync("--help");
        Assert.Equal(0, run.ExitCode);
        Assert.All(["demo", "dev", "serve", "emulator", "content", "plan", "execute", "rollback", "gateway", "keys", "runs", "usage", "logs", "status", "start"], verb => Assert.Contains($"  {verb} ", run.Output));
    }

    [Fact]
    public async Task Dev_PortInUse_NamesThePortAndTheOption()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var run = await CliRun.InProcessAsync("dev", "--port", $"{port}", "--data", _folder.FullName);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Port {port} on 127.0.0.1 is in use", run.Errors);
        Assert.Contains("--port", run.Errors);
    }

    [Fact]
    public async Task Dev_EmulatorPortInUse_NamesThePortAndTheOption()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var run = await CliRun.InProcessAsync("dev", "--port", $"{ClosedPort()}", "--emulator-port", $"{port}", "--data", _folder.FullName);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Port {port} on 127.0.0.1 is in use", run.Errors);
        Assert.Contains("--emulator-port", run.Errors);
    }

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("--port", "-1")]
    [InlineData("--emulator-port", "65536")]
    [InlineData("--port", "8788")]
    public async Task Dev_PortThatCannotBe_NamesTheOption(string option, string port)
    {
        var run = await CliRun.InProcessAsync("dev", option, port, "--data", _folder.FullName);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(port, run.Errors);
        Assert.Contains("next:", run.Errors);
        Assert.DoesNotContain("starting", run.Errors);
    }

    [Fact]
    public async Task Dev_DataFolderThatIsAFile_SaysSo()
    {
        var run = await CliRun.InProcessAsync("dev", "--port", $"{ClosedPort()}", "--emulator-port", $"{ClosedPort()}", "--data", Document("{}"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("rules.json cannot be made", run.Errors);
        Assert.Contains("--data", run.Errors);
    }

    [Fact]
    public async Task Dev_NoPostgresBinaries_SaysWhatToInstall()
    {
        var run = await CliRun.ProcessAsync(["dev", "--port", $"{ClosedPort()}", "--emulator-port", $"{ClosedPort()}", "--data", _folder.FullName], new Dictionary<string, string> { ["GATEWAYOPS_PG_BIN"] = _folder.FullName });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("GATEWAYOPS_PG_BIN", run.Errors);
    }

    /// <summary>What runs in the folder is another, whose address the verbs still need.</summary>
    [Fact]
    public async Task Dev_ThatDoesNotComeUp_LeavesTheAddressOfTheOneThatRuns()
    {
        new DevAddress(new Uri("http://127.0.0.1:8787"), "token").Write(_folder.FullName);
        var run = await CliRun.ProcessAsync(["dev", "--port", $"{ClosedPort()}", "--emulator-port", $"{ClosedPort()}", "--data", _folder.FullName], new Dictionary<string, string> { ["GATEWAYOPS_PG_BIN"] = _folder.FullName });
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("token", DevAddress.Read(_folder.FullName)?.OperatorToken);
    }

    [Theory]
    [InlineData(1, "open")]
    [InlineData(2, "lint", "--file", "FILE")]
    [InlineData(1, "frobnicate")]
    public async Task Output_ThatCannotBeWritten_IsAnErrorWithoutATrace(int exitCode, params string[] line)
    {
        var arguments = line.Select(word => word == "FILE" ? Document("""{"rules":[{"pattern":"/a"}]}""") : word).ToArray();
        await using var errors = new StringWriter();
        await using var full = new FullDisk();

        var told = await CommandTree.RunAsync(arguments, full, errors, new Surroundings(new Dictionary<string, string>(), _folder.FullName));
        var silent = await CommandTree.RunAsync(arguments, full, full, new Surroundings(new Dictionary<string, string>(), _folder.FullName));

        Assert.Equal((exitCode, exitCode), (told, silent));
        Assert.Contains("next:  ", errors.ToString());
        Assert.True(line is ["frobnicate"] || errors.ToString().StartsWith("error: Writing or reading failed: No space left on device\n", StringComparison.Ordinal), errors.ToString());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Document(string json)
    {
        var path = Path.Combine(_folder.FullName, "rules.json");
        File.WriteAllText(path, json);
        return path;
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class FullDisk : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");

        public override Task WriteLineAsync(string? value) => throw new IOException("No space left on device");
    }
}
