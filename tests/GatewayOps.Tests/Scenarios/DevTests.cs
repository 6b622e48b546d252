using System.Diagnostics;
using System.Globalization;
using System.Net;
using GatewayOps.Cli.Dev;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Scenarios;

/// <summary>`dev` keeps serving, and leaves nothing running whichever way it ends.</summary>
public sealed class DevTests : IDisposable
{
    private Task<string>? _errors;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatewayops-dev-");

    [Fact]
    public async Task Kill9_LeavesNothingRunning_AndTheNextStartHealsTheData()
    {
        using (var dev = await StartAsync())
        {
            var family = Descendants(dev.Id);
            Assert.True(family.Count >= 3, "PostgreSQL, the emulator and the service are processes of their own");
            await dev.SignalAsync("KILL");
            await dev.EndAsync();
            var since = Stopwatch.GetTimestamp();
            while (family.Any(IsAlive))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10), $"still running: {string.Join(", ", family.Where(IsAlive))}");
                await Task.Delay(50);
            }
        }

        await EnvironmentOfARealAccountBehindAProxy_ReachesOnlyTheEmulator_AndAnInterruptStopsEverythingWithinFiveSeconds();
    }

    // A step of its own, and no test: to start everything once more takes longer than all that it shows.
    private async Task EnvironmentOfARealAccountBehindAProxy_ReachesOnlyTheEmulator_AndAnInterruptStopsEverythingWithinFiveSeconds()
    {
        // Nothing listens there: a start that used any of it would fail.
        using var dev = await StartAsync(new Dictionary<string, string>
        {
            ["GatewayOps__Cloudflare__BaseUrl"] = "http://127.0.0.1:9/client/v4",
            ["gatewayops__cloudflare__baseurl"] = "http://127.0.0.1:9/client/v4",
            ["GatewayOps__Cloudflare__ApiToken"] = "real-token",
            ["GatewayOps__Operator__Token"] = "other-operator",
            ["CLOUDFLARE_BASE_URL"] = "http://127.0.0.1:9/client/v4",
            ["HTTP_PROXY"] = "http://127.0.0.1:9",
            ["http_proxy"] = "http://127.0.0.1:9",
        });
        var family = Descendants(dev.Id);
        var since = Stopwatch.GetTimestamp();
        await dev.SignalAsync("INT");
        await dev.EndAsync();
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5), $"took {Stopwatch.GetElapsedTime(since)}");
        Assert.Equal(0, dev.ExitCode);
        Assert.DoesNotContain(family, IsAlive);
    }

    [Fact]
    public async Task Postgres_Ends_SoDoesDevAndSaysWhy()
    {
        using var dev = await StartAsync();
        var pidFile = Path.Combine(_folder.FullName, "postgres", "cluster", "postmaster.pid");
        var errors = _errors!;
        await Processes.SignalAsync("KILL", int.Parse(File.ReadLines(pidFile).First(), CultureInfo.InvariantCulture));

        await dev.EndAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(1, dev.ExitCode);
        Assert.Contains("PostgreSQL ended", await errors);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Ready when the welcome has been printed: the account is seeded then.
    private async Task<Process> StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        var dev = CliRun.Start(["dev", "--no-traffic", "--port", $"{Ports.Free()}", "--emulator-port", $"{Ports.Free()}", "--data", _folder.FullName], environment);
        _errors = dev.StandardError.ReadToEndAsync();
        while (await dev.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Ctrl-C stops everything", StringComparison.Ordinal))
            {
                using var http = new HttpClient { BaseAddress = DevUrl() };
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/healthz")).StatusCode);
                return dev;
            }
        }

        throw new InvalidOperationException($"dev ended: {await _errors}");
    }

    private Uri DevUrl() => GatewayOps.Cli.ControlPlane.DevAddress.Read(_folder.FullName)!.Url;

    private static List<int> Descendants(int processId)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id) is { Parent: var parent } && parent == processId)
            .ToList();
        return [.. children, .. children.SelectMany(Descendants)];
    }

    private static bool IsAlive(int processId) => Stat(processId) is { State: not 'Z' };

    // pid (name) state ppid ...
    private static (char State, int Parent)? Stat(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
