using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Tests.Support;

/// <summary>The real service as a process of its own, to be killed. Its settings come as variables, so that no secret is in its argument list.</summary>
public sealed partial class ChildService : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly TemporaryFolder _folder;
    private readonly Task<string> _rest;

    private ChildService(Process process, TemporaryFolder folder, Uri address)
    {
        (_process, _folder) = (process, folder);
        _rest = process.StandardOutput.ReadToEndAsync();
        Operator = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestService.OperatorToken) } };
    }

    public HttpClient Operator { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>For signals that a test sends.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the service and waits until it listens. <paramref name="faultPoint"/> empty: it is killed by nothing but the test. <paramref name="withTicks"/>: with a job whose effect can be counted.</summary>
    public static async Task<ChildService> StartAsync(TestDatabase database, TestEmulator emulator, string faultPoint, IReadOnlyDictionary<string, string>? settings = null, bool withTicks = false)
    {
        var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", withTicks ? ["exec", typeof(ChildProgram).Assembly.Location, ChildProgram.ServeTicks] : ["exec", typeof(ServiceHost).Assembly.Location])
        {
            WorkingDirectory = folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (var (name, _) in EnvironmentNames.Table)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in TestService.Environment(database, emulator, settings))
        {
            start.Environment[name] = value;
        }

        start.Environment["GATEWAYOPS_FAULT_POINT"] = faultPoint;
        // It lives for seconds: as in the tests' own process, instrumenting for a second compilation would only cost.
        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = Process.Start(start)!;
        return new ChildService(process, folder, await AddressAsync(process));
    }

    /// <summary>Waits until the process has been killed by its fault point, and by nothing else.</summary>
    public async Task KilledAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        Assert.True(_process.ExitCode == 137, $"exit code {_process.ExitCode}, not that of SIGKILL\n{await _rest}");
    }

    /// <summary>SIGKILL, now.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Operator.Dispose();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<Uri> AddressAsync(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            said.Add(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                return new Uri(match.Groups[1].Value);
            }
        }

        throw new InvalidOperationException($"The service did not start:\n{string.Join('\n', said)}");
    }

    [GeneratedRegex("Now listening on: (http://[0-9.:]+)")]
    private static partial Regex Listening();
}
