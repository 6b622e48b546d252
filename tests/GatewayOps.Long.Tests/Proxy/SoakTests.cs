using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Proxy;

/// <summary>Streams for a long time, and many at once: memory stays, and nothing is lost.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task TenMinutes_OneStreamInTwentyIsGivenUp_MemoryStays()
    {
        const int streams = 40, chunks = 20;
        await using var stage = await LoadStage.StartAsync(chunks, TimeSpan.FromMilliseconds(20));
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var (whole, givenUp) = (0, 0);
        var load = Task.WhenAll(Enumerable.Range(0, streams).Select(async seed =>
        {
            var random = new Random(seed);
            while (!end.IsCancellationRequested)
            {
                var givesUp = random.Next(20) == 0;
                var read = await ReadAsync(stage, givesUp ? random.Next(1, chunks) : int.MaxValue);
                Assert.Equal(Enumerable.Range(0, read.Numbers.Count), read.Numbers);
                Assert.Equal(!givesUp, read.IsWhole);
                _ = givesUp ? Interlocked.Increment(ref givenUp) : Interlocked.Increment(ref whole);
            }
        }));

        var resident = new List<double>();
        while (!end.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(10)), load);
            resident.Add(stage.Resident / 1e6);
        }

        await load;
        // The first three minutes compile and fill what is kept.
        var (early, late) = (resident[18..33].Average(), resident[^15..].Average());
        output.WriteLine($"{whole} streams whole, {givenUp} given up; resident {early:0} MB in minutes 3 to 5.5, {late:0} MB in the last 2.5; all: {string.Join(' ', resident.Select(megabytes => megabytes.ToString("0")))}");
        Assert.InRange(givenUp / (double)(whole + givenUp), 0.03, 0.07);
        Assert.True(late <= (early * 1.05) + 5, "resident memory grows");
        Assert.Equal(0, await stage.CounterAsync("gatewayops_proxy_active_requests"));
        Assert.Equal(whole + givenUp, await EventuallyAsync(stage, whole + givenUp));
    }

    [Fact]
    public async Task ThousandStreamsAtOnce_ForAMinute_LoseNoChunk()
    {
        const int streams = 1_000, chunks = 60;
        await using var stage = await LoadStage.StartAsync(chunks, TimeSpan.FromSeconds(1));

        var read = await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => ReadAsync(stage, int.MaxValue)));

        output.WriteLine($"{read.Sum(stream => stream.Numbers.Count)} chunks of {streams * chunks} in {read.Count(stream => stream.IsWhole)} whole streams; resident {stage.Resident / 1e6:0} MB");
        Assert.All(read, stream =>
        {
            Assert.True(stream.IsWhole);
            Assert.Equal(Enumerable.Range(0, chunks), stream.Numbers);
        });
    }

    /// <summary>The numbers of a stream's chunks, up to <paramref name="most"/>; then it is given up.</summary>
    private static async Task<(List<int> Numbers, bool IsWhole)> ReadAsync(LoadStage stage, int most)
    {
        var numbers = new List<int>();
        using var answer = await stage.SendAsync(TestService.ProxyToken, stream: true);
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "data: [DONE]")
            {
                return (numbers, true);
            }

            if (line.StartsWith("data: ", StringComparison.Ordinal) && Text(JsonDocument.Parse(line[6..]).RootElement) is { } text)
            {
                numbers.Add(int.Parse(text.TrimEnd(';')));
                if (numbers.Count >= most)
                {
                    break;
                }
            }
        }

        return (numbers, false);
    }

    private static string? Text(JsonElement chunk) => chunk.GetProperty("choices") is var choices && choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out var content)
        ? content.GetString()
        : null;

    private static async Task<long> EventuallyAsync(LoadStage stage, long rows)
    {
        for (var tries = 0; ; tries++)
        {
            var there = (await stage.Database.QueryAsync<long>("select count(*) from request_records"))[0];
            if (there >= rows || tries == 100)
            {
                return there;
            }

            await Task.Delay(100);
        }
    }
}
