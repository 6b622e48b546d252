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
    [InlineData("--port", "high")]
    [InlineData("--port", "70000")]
    [InlineData("--log-delay", "-1")]
    [InlineData("--upstream", "openai")]
    [InlineData("--upstream", "openai=ftp://x")]
    [InlineData("--upstream", "nobody=http://127.0.0.1:11434/v1")]
    [InlineData("--colour", "red")]
    [InlineData("--port", null)]
    public async Task Run_BadArgument_SaysWhichAndExits2(string name, string? value)
    {
        using var error = new StringWriter();

        var exit = await EmulatorHost.RunAsync(value is null ? [name] : [name, value], TextWriter.Null, error, CancellationToken.None);

        Assert.Equal(2, exit);
        Assert.Contains(name, error.ToString());
        Assert.Contains("--upstream provider=url", error.ToString());
    }

    [Fact]
    public void Parse_EveryOption_IsUnderstood()
    {
        var options = EmulatorArguments.Parse(["--port=9", "--upstream", "openai=http://127.0.0.1:11434/v1", "--faithful", "--log-delay", "1.5", "--seed-gateway"]).Options!;

        Assert.Equal("http://127.0.0.1:9", options.Url);
        Assert.Equal(new Uri("http://127.0.0.1:11434/v1"), options.Upstreams["openai"]);
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.LogVisibilityDelay);
        Assert.Equal(TimeSpan.FromSeconds(3), options.SecretActivationDelay);
        Assert.True(options.SeedGateway);
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

    // Stops the emulator as soon as it has said where it listens.
    private sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
    {
        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            await stop.CancelAsync();
        }
    }
}
