using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
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
}
