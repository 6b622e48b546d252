using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Telemetry;

/// <summary>A real Prometheus reads a live host, where Debian's package is installed. GATEWAYOPS_REQUIRE_PROMETHEUS=1, as .ci/run sets it, makes its absence a failure.</summary>
public sealed class PrometheusScrapeTests(Xunit.Abstractions.ITestOutputHelper output)
{
    [Fact]
    public async Task Scrape_ByPrometheus_IsUpAndEverySampleIsRead()
    {
        if (FindPrometheus() is not { } program)
        {
            // No Skip: a machine that must have it says so, and everybody else reads why nothing ran.
            output.WriteLine("NOT RUN: no `prometheus` in PATH and no /usr/bin/prometheus (apt-get install prometheus); /metrics was checked by our own parser only");
            Assert.NotEqual("1", Environment.GetEnvironmentVariable("GATEWAYOPS_REQUIRE_PROMETHEUS"));
            return;
        }

        await using var host = await TelemetryHost.StartAsync();
        host.Meter.CreateCounter<long>("scraped", null, "Read by Prometheus.").Add(42, new KeyValuePair<string, object?>("label", "a \"quoted\" \\ value\nof two lines"));
        host.Meter.CreateHistogram<double>("scraped_duration", "s").Record(0.3);
        var expected = (await host.ScrapeAsync()).Values.Sum(family => family.Samples.Count);

        using var folder = new TemporaryFolder();
        var port = FreePort();
        await File.WriteAllTextAsync(folder["prometheus.yml"], $"""
            global: {"{"}scrape_interval: 1s, scrape_timeout: 1s{"}"}
            scrape_configs:
              - job_name: gatewayops
                static_configs: [{"{"}targets: ["{host.Http.BaseAddress!.Authority}"]{"}"}]
            """);
        using var process = Process.Start(new ProcessStartInfo(program,
            ["--config.file=" + folder["prometheus.yml"], "--storage.tsdb.path=" + folder["data"], $"--web.listen-address=127.0.0.1:{port}"])
        { UseShellExecute = false, RedirectStandardError = true })!;
        var log = process.StandardError.ReadToEndAsync();
        try
        {
            using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}/api/v1/"), Timeout = TimeSpan.FromSeconds(5) };
            Assert.True(await EventuallyAsync(process, async () => await QueryAsync(http, "up{job=\"gatewayops\"}") == 1), await LastErrorAsync(http));
            Assert.Equal(42, await QueryAsync(http, """scraped_total{label="a \"quoted\" \\ value\nof two lines"}"""));
            Assert.Equal(1, await QueryAsync(http, """scraped_duration_seconds_bucket{le="+Inf"}"""));
            Assert.Equal(1, await QueryAsync(http, """gatewayops_build_info"""));
            // What Prometheus read is what our parser reads, but for instruments that appeared in between.
            Assert.True(await QueryAsync(http, "scrape_samples_scraped") >= expected);
        }
        finally
        {
            process.Kill();
            await process.EndAsync();
            output.WriteLine(await log);
        }
    }

    private static async Task<bool> EventuallyAsync(Process process, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(30) && !process.HasExited)
        {
            try
            {
                if (await condition()) return true;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100);
        }
        return false;
    }

    private static async Task<double?> QueryAsync(HttpClient http, string query)
    {
        using var answer = await http.GetAsync(new Uri($"query?query={Uri.EscapeDataString(query)}", UriKind.Relative));
        if (!answer.IsSuccessStatusCode) return null;
        var results = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync()).GetProperty("data").GetProperty("result");
        return results.GetArrayLength() == 1 ? double.Parse(results[0].GetProperty("value")[1].GetString()!) : null;
    }

    private static async Task<string> LastErrorAsync(HttpClient http)
    {
        try
        {
            return await http.GetStringAsync("targets");
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static string? FindPrometheus() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Select(folder => Path.Combine(folder, "prometheus")).FirstOrDefault(File.Exists);

    // Prometheus takes no port 0: the system's choice, given back just before.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
