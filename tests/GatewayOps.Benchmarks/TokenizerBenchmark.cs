using System.Diagnostics;
using System.Globalization;
using System.Text;
using GatewayOps.Tests.Tokenizing;
using GatewayOps.Tokenizer;

namespace GatewayOps.Benchmarks;

/// <summary>What counting tokens costs: reading each encoding and the memory it keeps, megabytes of UTF-8 a second per kind of text, and allocations. Medians of the processor time of this process.</summary>
public static class TokenizerBenchmark
{
    private const int Rounds = 7;
    private const int TextBytes = 400_000;

    public static Task<int> RunAsync()
    {
        Console.WriteLine($"processor time, medians of {Rounds} rounds; one thread");
        var o200k = Load("o200k_base", () => TokenEncodings.O200kBase);
        var cl100k = Load("cl100k_base", () => TokenEncodings.Cl100kBase);

        // Until the compiler has seen enough of it to compile it for good.
        foreach (var golden in Enumerable.Repeat(GoldenText.All, 50).SelectMany(all => all))
            _ = o200k.Count(golden.Text) + cl100k.Count(golden.Text);

        var missed = false;
        Console.WriteLine($"{"",-26}{"o200k_base",13}{"cl100k_base",15}{"allocated",12}");
        foreach (var golden in GoldenText.All.Where(golden => golden.Text.Length > 0))
        {
            var text = string.Concat(Enumerable.Repeat(golden.Text, 1 + (golden.Kind == "repeated" ? 0 : TextBytes / Encoding.UTF8.GetByteCount(golden.Text))));
            var (fast, slow, allocated) = (Rate(o200k, text), Rate(cl100k, text), Allocated(o200k, text) + Allocated(cl100k, text));
            missed |= allocated > 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{golden.Name,-26}{fast,8:0.0} MB/s{slow,10:0.0} MB/s{allocated,10} B"));
        }

        Console.WriteLine("time of one piece of n letters, which must grow little faster than n");
        foreach (var length in (int[])[10_000, 100_000, 1_000_000])
        {
            var text = new string('a', length);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{length,26}{length / Rate(o200k, text) / 1e3,9:0.0} ms{length / Rate(cl100k, text) / 1e3,12:0.0} ms"));
        }

        Console.WriteLine(missed ? "MISSED: counting allocates" : "counting allocates nothing");
        return Task.FromResult(missed ? 1 : 0);
    }

    private static TokenEncoding Load(string name, Func<TokenEncoding> load)
    {
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        var encoding = load();
        var took = Stopwatch.GetElapsedTime(started);
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: read in {took.TotalMilliseconds:0} ms, keeps {memory / 1e6:0.0} MB for {encoding.Tokens} tokens"));
        return encoding;
    }

    // MB of UTF-8 a second.
    private static double Rate(TokenEncoding encoding, string text)
    {
        encoding.Count(text);
        var times = Math.Max(1, TextBytes / text.Length);
        var milliseconds = Enumerable.Range(0, Rounds).Select(_ =>
        {
            var before = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < times; i++)
                encoding.Count(text);
            return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }).Order().ElementAt(Rounds / 2);
        return Encoding.UTF8.GetByteCount(text) * (double)times / milliseconds / 1e3;
    }

    private static long Allocated(TokenEncoding encoding, string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        encoding.Count(text);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
