using System.Net;
using System.Net.Sockets;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator;

public sealed class EmulatorHostTests
{
    // As a process of its own: what the user reads is what all loggers and the runtime write.
    [Fact]
    public async Task Run_PortInUse_SaysSoInOneLineAndExits1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var run = await CliRun.ProcessAsync(["emulator", "--port", $"{port}"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Equal(
            $"gatewayops emulator: http://127.0.0.1:{port} is already in use. Stop the process that listens there, or choose another port with --port N (0 = any free one).",
            run.Errors.Trim());
    }

    [Fact]
    public async Task Run_Cancelled_StopsCleanly()
    {
        using var stop = new CancellationTokenSource();
        var output = new StoppingWriter(stop);

        var exit = await EmulatorHost.RunAsync(["--port=0"], output, TextWriter.Null, stop.Token);

        Assert.Equal(0, exit);
        Assert.Matches(@"listens on http://127\.0\.0\.1:[1-9]\d*", output.ToString());
    }

    [Theory]
    [InlineData("--port", "high", "expected a port, 0 to 65535")]
    [InlineData("--port", "70000", "expected a port, 0 to 65535")]
    [InlineData("--port", "-1", "expected a port, 0 to 65535")]
    [InlineData("--port", null, "needs a value: a port, 0 to 65535")]
    [InlineData("--log-delay", "-1", "expected seconds, 0 to 86400")]
    [InlineData("--token-delay", "86401", "expected seconds, 0 to 86400")]
    [InlineData("--api-limit", "0", "expected a number of requests")]
    [InlineData("--account", "Mine", "expected 1 to 64 of a-z, 0-9 and -")]
    [InlineData("--upstream", "openai", "as in openai=http://127.0.0.1:11434/v1")]
    [InlineData("--upstream", "openai=ftp://x", "as in openai=http://127.0.0.1:11434/v1")]
    [InlineData("--upstream", "nobody=http://127.0.0.1:11434/v1", "custom-SLUG")]
    [InlineData("--upstream", "custom-=http://127.0.0.1:11434/v1", "custom-SLUG")]
    [InlineData("--logpush", "ftp://x/logs", "expected an http or https address, or a folder")]
    [InlineData("--colour", "red", "unknown option '--colour'. See gatewayops emulator --help.")]
    [InlineData("--up", "x", "did you mean --upstream?")]
    public async Task Run_BadArgument_SaysWhichAndWhatIsAcceptedAndExits2(string name, string? value, string help)
    {
        using var error = new StringWriter();

        var exit = await EmulatorHost.RunAsync(value is null ? [name] : [name, value], TextWriter.Null, error, CancellationToken.None);

        Assert.Equal(2, exit);
        Assert.Contains(name, error.ToString());
        Assert.Contains(help, error.ToString());
    }

    [Fact]
    public void Parse_EveryOption_IsUnderstood()
    {
        var options = EmulatorArguments.Parse(
        [
            "--port=9", "--account", "0123456789abcdef0123456789abcdef", "--upstream", "openai=http://127.0.0.1:11434/v1", "--upstream=custom-mine=http://127.0.0.1:9/x?a=b",
            "--log-delay", "1.5", "--faithful", "--seed-gateway", "--api-limit", "7", "--address-limit=8", "--analytics-delay", "9",
        ]).Options!;

        Assert.Equal("http://127.0.0.1:9", options.Url);
        Assert.Equal("0123456789abcdef0123456789abcdef", options.AccountId);
        Assert.Equal((new Uri("http://127.0.0.1:11434/v1"), new Uri("http://127.0.0.1:9/x?a=b")), (options.Upstreams["openai"], options.Upstreams["custom-mine"]));
        // Faithful is the ground; what is said by name stands on it, wherever it is said.
        Assert.Equal((1.5, 3, 60, 9), (options.LogVisibilityDelay.TotalSeconds, options.SecretActivationDelay.TotalSeconds, options.TokenPropagation.TotalSeconds, options.AnalyticsDelay.TotalSeconds));
        Assert.Equal((7, 8), (options.RequestsPerFiveMinutes, options.RequestsPerSecondPerAddress));
        Assert.True(options.SeedGateway);
    }

    [Fact]
    public async Task Run_HelpAsked_PrintsEveryOptionAndStartsNothing()
    {
        using var output = new StringWriter();

        var exit = await EmulatorHost.RunAsync(["--port", "0", "--help"], output, TextWriter.Null, CancellationToken.None);

        Assert.Equal(0, exit);
        Assert.All(EmulatorArguments.All, option => Assert.Contains($"  {option.Name}", output.ToString()));
        Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= 170, line));
    }

    [Fact]
    public async Task Cli_EmulatorHelp_HasEveryOptionToo()
    {
        var run = await CliRun.InProcessAsync("emulator", "--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All(EmulatorArguments.All, option => Assert.Contains(option.Help.Split(' ')[0], run.Output));
        Assert.All(EmulatorArguments.All, option => Assert.Contains(option.Value is null ? option.Name : $"{option.Name} <{option.Value}>", run.Output));
    }

    [Fact]
    public async Task Cli_BadArguments_ExitAsTheEmulatorDoes()
    {
        var unknown = await CliRun.InProcessAsync("emulator", "--colour", "red");
        var bad = await CliRun.InProcessAsync("emulator", "--port", "high");

        Assert.Equal((2, 2), (unknown.ExitCode, bad.ExitCode));
        Assert.Contains("gatewayops emulator --help", unknown.Errors);
    }

    [Fact]
    public async Task Answers_OfEverySurface_HaveARayOfTheirOwn()
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = emulator.NewClient();
        var rays = new List<string>();
        foreach (var path in new[] { "/client/v4/zones", "/client/v4/accounts/dev-account/ai-gateway/gateways", "/v1/dev-account/gw/openai/models", "/nothing", "/_emulator/health" })
        {
            using var response = await http.GetAsync(path);
            rays.Add(response.Headers.GetValues("cf-ray").Single());
        }

        Assert.All(rays, ray => Assert.Matches("^[0-9a-f]{16}-DEV$", ray));
        Assert.Equal(rays.Count, rays.Distinct().Count());
    }

    [Fact]
    public async Task Start_SeedGateway_HasIt()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { SeedGateway = true });

        Assert.True(emulator.Account.FindGateway("openai-compat")!.Settings.Authentication);
    }

    [Fact]
    public void FindOrCreateDefault_FirstNaming_MakesOnlyDefault()
    {
        var account = new GatewayOps.Emulator.State.EmulatorState(new EmulatorOptions(), new EmulatorClock()).FindAccount("dev-account")!;

        var settings = account.FindOrCreateDefault("default")!.Settings;

        Assert.True(settings is { Authentication: true, CollectLogs: true, CacheTtl: 0, RateLimited: false });
        Assert.Null(account.FindOrCreateDefault("other"));
    }
}
