using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Hosting;

public sealed class StartFailureTests
{
    [Theory]
    [InlineData("GatewayOps:Cloudflare:AccountId", "", "GatewayOps:Cloudflare:AccountId", "CLOUDFLARE_ACCOUNT_ID")]
    [InlineData("GatewayOps:Cloudflare:AccountId", "a/../b", "GatewayOps:Cloudflare:AccountId", "CLOUDFLARE_ACCOUNT_ID")]
    [InlineData("GatewayOps:Cloudflare:ApiToken", "", "GatewayOps:Cloudflare:ApiToken", "CLOUDFLARE_API_TOKEN")]
    [InlineData("GatewayOps:Cloudflare:ApiToken", "with blank", "GatewayOps:Cloudflare:ApiToken", "CLOUDFLARE_API_TOKEN")]
    [InlineData("GatewayOps:Cloudflare:BaseUrl", "localhost:8788", "GatewayOps:Cloudflare:BaseUrl", "CLOUDFLARE_BASE_URL")]
    [InlineData("ConnectionStrings:GatewayOps", "", "ConnectionStrings:GatewayOps", "gatewayops dev")]
    [InlineData("ConnectionStrings:GatewayOps", "Host=127.0.0.1;Port=9;Database=x;Password=pw-canary", "PostgreSQL does not answer", "start it")]
    [InlineData("urls", "8787", "urls", "http://127.0.0.1:8787")]
    public async Task Start_WrongSetting_IsOneLineWithNameAndFix(string setting, string value, string name, string fix)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(settings: new Dictionary<string, string> { [setting] = value }));

        var line = StartFailure.Explain(failure);
        Assert.NotNull(line);
        Assert.Contains(name, line);
        Assert.Contains(fix, line);
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain("canary", line);
        Assert.DoesNotContain("with blank", line);
    }

    [Fact]
    public async Task Start_PortInUse_NamesTheAddressAndTheFix()
    {
        await using var first = await TestService.StartAsync();
        var address = first.BaseUrl.ToString().TrimEnd('/');

        var failure = await Assert.ThrowsAnyAsync<IOException>(() => TestService.StartAsync(settings: new Dictionary<string, string> { ["urls"] = address }));

        Assert.Equal($"{address} is in use by another program: stop that program, or choose another port with --urls", StartFailure.Explain(failure));
    }

    [Fact]
    public async Task Process_ThatCannotStart_WritesOneLineAndExitsWithOne()
    {
        using var folder = new TemporaryFolder();
        var (exit, output, errors) = await RunAsync(folder, new Dictionary<string, string>());

        Assert.Equal(1, exit);
        Assert.Equal("", output);
        Assert.StartsWith("gatewayops: ", errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Process_OnATakenPort_ExitsWithOneAndNoStackTrace()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var (exit, output, errors) = await RunAsync(folder, new Dictionary<string, string>
        {
            ["CLOUDFLARE_ACCOUNT_ID"] = "account",
            ["CLOUDFLARE_API_TOKEN"] = "token-canary",
            ["GATEWAYOPS_OPERATOR_TOKEN"] = "operator-canary",
            ["AUTH_TOKEN"] = "proxy-canary",
            ["ConnectionStrings__GatewayOps"] = database.ConnectionString,
            ["ASPNETCORE_URLS"] = $"http://{taken.LocalEndpoint}",
        });

        Assert.Equal(1, exit);
        Assert.Contains("is in use", errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", output);
        Assert.DoesNotContain("canary", output + errors);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(TemporaryFolder folder, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "GatewayOps.ControlPlane.dll") },
            WorkingDirectory = folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, _) in EnvironmentNames.Table)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.EndAsync();
        return (process.ExitCode, await output, await errors);
    }
}
