using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Benchmarks;

/// <summary>
/// What a scrape costs at 5,000 series as Prometheus counts them, each line one, over a real socket: alone, 8 and 32 at once, and with gzip. The target is of one scrape: 10 ms and 2 MB.
/// The same for 5,000 label sets, of which the histograms make 23,000 lines.
/// Time and bytes are of this process, the client's part included; the CPU is told beside, for a machine that others use.
/// </summary>
internal static class ScrapeBenchmark
{
    private const int Rounds = 60;
    private const string Target = "5,000 series";

    public static async Task<int> RunAsync()
    {
        var missed = false;
        foreach (var (what, counters, histograms) in new[] { (Target, 2_000, 160), ("5,000 label sets", 4_000, 1_000) })
        {
            await using var host = await HostAsync(counters, histograms);
            var plain = await MeasureAsync(host, what, atOnce: 1, gzip: false);
            missed |= what == Target && (plain.Milliseconds > 10 || plain.Bytes > 2_000_000);
            await MeasureAsync(host, what, atOnce: 8, gzip: false);
            await MeasureAsync(host, what, atOnce: 32, gzip: false);
            await MeasureAsync(host, what, atOnce: 1, gzip: true);
            await MeasureAsync(host, what, atOnce: 32, gzip: true);
        }

        Console.WriteLine(missed ? "MISSED: one scrape of 5,000 series takes more than 10 ms or 2 MB" : "met: one scrape of 5,000 series within 10 ms and 2 MB");
        return missed ? 1 : 0;
    }

    private static async Task<WebApplication> HostAsync(int counters, int histograms)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(new TestClock());
        builder.Services.AddTelemetry(builder.Configuration);
        var app = builder.Build();
        app.MapTelemetry();
        await app.StartAsync();
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("GatewayOps.Benchmark");
        for (var i = 0; i < counters; i += 500)
        {
            var counter = meter.CreateCounter<long>($"gatewayops_bench_{i}_requests", null, "Requests, by gateway, provider, model and outcome.");
            for (var j = 0; j < 500; j++)
            {
                counter.Add(j * 37, new("gateway", $"gateway-{j % 5}"), new("provider", "openai"), new("model", $"gpt-4o-mini-{j}"), new("outcome", "ok"));
            }
        }

        for (var i = 0; i < histograms; i += 500)
        {
            var histogram = meter.CreateHistogram($"gatewayops_bench_{i}_duration", "s", "Durations, by provider, model and stream.", tags: null,
                new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320] });
            for (var j = 0; j < Math.Min(500, histograms - i); j++)
            {
                histogram.Record(0.013 * j, new("provider", "openai"), new("model", $"gpt-4o-mini-{j}"), new("stream", "true"));
            }
        }

        return app;
    }

    private static async Task<(double Milliseconds, double Bytes)> MeasureAsync(WebApplication host, string what, int atOnce, bool gzip)
    {
        var clock = (TestClock)host.Services.GetRequiredService<TimeProvider>();
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new(host.Urls.Single()) };
        if (gzip)
        {
            client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        }

        var (lines, size) = (0, 0L);
        var times = new List<double>();
        long allocated = 0;
        var cpu = TimeSpan.Zero;
        for (var round = -20; round < Rounds; round++)
        {
            if (round == 0)
            {
                GC.Collect();
                (allocated, cpu) = (GC.GetTotalAllocatedBytes(precise: true), Process.GetCurrentProcess().TotalProcessorTime);
            }

            // Each round collects anew.
            clock.Advance(TimeSpan.FromSeconds(1));
            var started = Stopwatch.GetTimestamp();
            var read = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => ReadAsync(client, size > 0 ? null : (Action<byte[]>)(body => (size, lines) = (body.Length, Lines(body, gzip))))));
            if (round >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        times.Sort();
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)Rounds;
        var busy = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / Rounds;
        Console.WriteLine(
            $"{what,-16} {lines,6} lines {size / 1e3,8:0} kB  {atOnce,2} at once{(gzip ? " gzip" : "     ")}  median {times[times.Count / 2],6:0.0} ms  p95 {times[times.Count * 95 / 100],6:0.0} ms  CPU {busy,6:0.0} ms  allocated {bytes / 1e6,6:0.00} MB");
        return (times[times.Count / 2], bytes);
    }

    // Read into nothing: what the client keeps is not what a scrape costs.
    private static async Task<long> ReadAsync(HttpClient client, Action<byte[]>? look)
    {
        using var answer = await client.GetAsync(new Uri("/metrics", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        if (look is not null)
        {
            look(await answer.Content.ReadAsByteArrayAsync());
            return 0;
        }

        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(65_536);
        long length = 0;
        for (int read; (read = await body.ReadAsync(buffer)) > 0; length += read)
        {
        }

        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        return length;
    }

    private static int Lines(byte[] body, bool gzip)
    {
        using var reader = new StreamReader(gzip ? new GZipStream(new MemoryStream(body), CompressionMode.Decompress) : new MemoryStream(body));
        var lines = 0;
        while (reader.ReadLine() is { } line) lines += line.StartsWith('#') ? 0 : 1;
        return lines;
    }
}
