using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Long.Tests.Cli;

/// <summary>
/// 100,000 prompts through `gatewayops batch run` as a process against the emulator, which refuses, fails and breaks off, while the process is killed three times: every line once and exact, never more
/// requests at once than allowed, memory that does not grow. Then the same without faults: at least nine tenths of what so many workers can do at that latency.
/// </summary>
public sealed class BatchTests(ITestOutputHelper output)
{
    private const int Prompts = 100_000;
    private const int Workers = 64;
    private const int CutEvery = 499;
    private const int Megabyte = 1024 * 1024;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(80);

    private readonly Notes _notes = new(output, "batch");

    [Fact]
    public async Task HundredThousandPrompts_ThroughFaultsAndThreeKills_EachAnsweredOnce_WithinTheLimit_InFlatMemory()
    {
        await using var stage = await Stage.StartAsync(cuts: true);
        stage.Write(Prompts);
        using var stopFaults = new CancellationTokenSource();
        var faults = stage.BreakAsync(stopFaults.Token);
        var watch = Stopwatch.StartNew();
        var (kept, kills) = (0, 0);
        var memory = new List<long>();
        string Numbers() => $"{kills} kills, {stage.Answered} answers of {stage.Asked} requests, {stage.Kept} lines in the journal, {watch.Elapsed.TotalSeconds:0} s";
        foreach (var until in new[] { 10_000, 20_000, 30_000, int.MaxValue })
        {
            using var process = stage.Start(Workers, resume: kills > 0);
            var (errors, printed) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
            for (var looks = 0; !process.HasExited && stage.Answered < until; looks++)
            {
                if (until == int.MaxValue && stage.Answered > 40_000)
                {
                    memory.Add(Resident(process.Id));
                }

                if (looks % 20 == 0)
                {
                    _notes.Add(Numbers());
                }

                await Task.WhenAny(Task.Delay(500), process.WaitForExitAsync());
            }

            if (until < int.MaxValue)
            {
                // Its errors are whole only when it has ended: they are waited for then alone.
                Assert.False(process.HasExited, process.HasExited ? $"it ended before it was killed: {Numbers()}\n{await errors}" : "");
                Assert.False(File.Exists(stage.Output), $"the output is there before its end: {Numbers()}");
                process.Kill();
                kills++;
            }

            await process.WaitForExitAsync();
            await stage.QuietAsync();
            _notes.Add($"ended: {Numbers()}");
            if (until == int.MaxValue)
            {
                Assert.True(process.ExitCode == 0, $"{Numbers()}\n{await errors}");
                _notes.Add((await printed).Trim());
                kept = JsonSerializer.Deserialize<JsonElement>(await printed).GetProperty("kept").GetInt32();
            }
        }

        await stopFaults.CancelAsync();
        await faults;
        var (told, failed) = (stage.Asked, stage.Failed);
        var (early, late) = (memory.Take(memory.Count / 4).Max(), memory.Skip(memory.Count * 3 / 4).Max());
        _notes.Add($"{Prompts} prompts in {watch.Elapsed.TotalSeconds:0} s; {told} requests, {failed} of them failed ({stage.Refused} × 429), {kept} kept over 3 kills, at most {stage.Most} at once; resident {early / Megabyte} MB early, {late / Megabyte} MB late");

        stage.HoldsEveryAnswer(Prompts);
        Assert.InRange(stage.Most, Workers / 2, Workers);
        Assert.True(failed > 1000 && stage.Refused > 10, "there were hardly any faults");
        // What was answered is not asked for again, but for what was on its way when the process was killed.
        Assert.InRange(told - failed, Prompts, Prompts + (3 * Workers));
        Assert.True(late <= early + (24 * Megabyte), $"memory grew from {early / Megabyte} to {late / Megabyte} MB");
        Assert.True(memory.Max() < 300L * Megabyte, $"{memory.Max() / Megabyte} MB");
    }

    [Fact]
    public async Task WithoutFaults_ThroughputIsNineTenthsOfTheIdeal()
    {
        const int Count = 30_000;
        await using var stage = await Stage.StartAsync();
        stage.Write(Count);
        using var process = stage.Start(Workers, resume: false);
        var (errors, printed) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await errors);
        stage.HoldsEveryAnswer(Count);
        var seconds = JsonSerializer.Deserialize<JsonElement>(await printed).GetProperty("seconds").GetDouble();
        var (rate, ideal) = (Count / seconds, Workers / stage.MeanLatency.TotalSeconds);
        _notes.Add($"{rate:0} a second with {Workers} workers at {stage.MeanLatency.TotalMilliseconds:0.0} ms ({Latency.TotalMilliseconds} ms asked for): {rate / ideal:0.000} of {ideal:0}; of the asked latency {rate * Latency.TotalSeconds / Workers:0.000}");
        Assert.True(rate / ideal >= 0.9, $"{rate:0} a second is {rate / ideal:0.00} of {ideal:0}");
    }

    private static long Resident(int id) => long.Parse(
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    /// <summary>An emulator that takes its time and counts, a folder, and the command line.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private TestEmulator _emulator = null!;
        private int _active;
        private int _most;
        private int _asked;
        private int _answered;
        private int _refused;
        private long _ticks;

        private bool Cuts { get; init; }

        public string Output => _folder["answers.jsonl"];

        public int Most => _most;

        public int Asked => _asked;

        /// <summary>Whole answers that were sent.</summary>
        public int Answered => _answered;

        public int Failed => _asked - _answered;

        public int Refused => _refused;

        /// <summary>Lines of the journal, its header among them; 0 where there is none. The kernel's own count: .NET would not open what another process has.</summary>
        public int Kept
        {
            get
            {
                using var count = Process.Start(new ProcessStartInfo("sh", ["-c", "wc -l < \"$0\" 2>/dev/null || echo 0", $"{Output}.journal"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
                return int.Parse(count.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
            }
        }

        public TimeSpan MeanLatency => TimeSpan.FromTicks(_ticks / _asked);

        public static async Task<Stage> StartAsync(bool cuts = false)
        {
            var stage = new Stage { Cuts = cuts };
            stage._emulator = await TestEmulator.StartAsync(before: stage.TakeTimeAsync);
            await stage._emulator.CreateGatewayAsync(ProxyStage.Gateway, new Dictionary<string, object?> { ["authentication"] = true });
            ProxyStage.StoreKeys(stage._emulator, "openai");
            return stage;
        }

        public void Write(int count) => File.WriteAllLines(_folder["prompts.jsonl"], Enumerable.Range(0, count).Select(i => $$"""{"id":"p{{i}}","prompt":"Tell me about the number {{i}} in a sentence or two, please."}"""));

        public Process Start(int workers, bool resume) => CliRun.Start(
            ["batch", "run", "--input", "prompts.jsonl", "--output", "answers.jsonl", "--model", "openai/gpt-4o-mini", "--workers", $"{workers}", "--direct", "-o", "json", .. resume ? new[] { "--resume" } : []],
            new Dictionary<string, string> { ["CLOUDFLARE_ACCOUNT_ID"] = _emulator.Options.AccountId, ["CLOUDFLARE_GATEWAY_TOKEN"] = _emulator.Options.ApiToken, ["CLOUDFLARE_GATEWAY_BASE_URL"] = _emulator.BaseUrl.ToString() },
            _folder.Path);

        /// <summary>One fault of the provider after the other: 5xx, answers that break off, 429 with a Retry-After.</summary>
        public async Task BreakAsync(CancellationToken cancellationToken)
        {
            object[] faults = [new { status = 503, times = 20 }, new { cutAfterEvents = 0, times = 20 }, new { status = 429, retryAfterSeconds = 1, times = 4 }, new { status = 500, times = 20 }, new { status = 502, times = 20 }];
            for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
            {
                await _emulator.SetUpstreamFaultAsync("openai", faults[turn % faults.Length]);
                await Task.Delay(2000, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        /// <summary>Returns when nothing is under way.</summary>
        public async Task QuietAsync()
        {
            while (Volatile.Read(ref _active) > 0)
            {
                await Task.Delay(20);
            }
        }

        public void HoldsEveryAnswer(int count)
        {
            var index = 0;
            foreach (var line in File.ReadLines(Output))
            {
                using var document = JsonDocument.Parse(line);
                Assert.Equal($"p{index}", document.RootElement.GetProperty("id").GetString());
                Assert.Equal($"[openai/gpt-4o-mini] You said: Tell me about the number {index} in a sentence or two, please.", document.RootElement.GetProperty("response").GetString());
                index++;
            }

            Assert.Equal(count, index);
            Assert.Equal(["answers.jsonl", "prompts.jsonl"], Directory.EnumerateFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            await _emulator.DisposeAsync();
            _folder.Dispose();
        }

        private async Task TakeTimeAsync(HttpContext context, RequestDelegate next)
        {
            if (!context.Request.Path.StartsWithSegments("/v1"))
            {
                await next(context);
                return;
            }

            var asked = Interlocked.Increment(ref _asked);
            var active = Interlocked.Increment(ref _active);
            for (var most = _most; active > most; most = _most)
            {
                Interlocked.CompareExchange(ref _most, active, most);
            }

            var began = Stopwatch.GetTimestamp();
            try
            {
                await Task.Delay(Latency, context.RequestAborted);
                if (Cuts && asked % CutEvery == 0)
                {
                    await BreakOffAsync(context);
                    return;
                }

                await next(context);
                if (context.Response.StatusCode == 200 && !context.RequestAborted.IsCancellationRequested)
                {
                    Interlocked.Increment(ref _answered);
                }
                else if (context.Response.StatusCode == 429)
                {
                    Interlocked.Increment(ref _refused);
                }
            }
            catch (OperationCanceledException)
            {
                // The client was killed.
            }
            finally
            {
                Interlocked.Add(ref _ticks, Stopwatch.GetElapsedTime(began).Ticks);
                Interlocked.Decrement(ref _active);
            }
        }

        // Between the provider's faults one connection in so many ends within the answer.
        private static async Task BreakOffAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"id\":\"chatcmpl-1\",\"choices\":[{\"mess");
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
