using GatewayOps.Emulator;
using GatewayOps.Tests.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.WorkersAi.AiCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

public sealed class QueueTests
{
    private const string Path = $"run/{Llama}?queueRequest=true";

    [Fact]
    public async Task Batch_ByTheClock_QueuedRunningDone()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { BatchDelay = TimeSpan.FromSeconds(60) });
        var api = emulator.Management;

        var queued = (await api.RunAsync(Path, """{"requests":[{"prompt":"one","external_reference":"a"},{"prompt":""},{"prompt":"two"}]}""")).Result;
        var poll = $$"""{"request_id":"{{queued.TextAt("request_id")}}"}""";
        Assert.Equal(("queued", Llama), (queued.TextAt("status"), queued.TextAt("model")));
        Assert.Equal("queued", (await api.RunAsync(Path, poll)).Result.TextAt("status"));
        await emulator.AdvanceClockAsync(TimeSpan.FromSeconds(31));
        Assert.Equal("running", (await api.RunAsync(Path, poll)).Result.TextAt("status"));
        await emulator.AdvanceClockAsync(TimeSpan.FromSeconds(30));

        var done = (await api.RunAsync(Path, poll)).Result;
        Assert.Equal([0L, 1, 2], done.At("responses").EnumerateArray().Select(one => one.NumberAt("id")));
        Assert.Equal([true, false, true], done.At("responses").EnumerateArray().Select(one => one.At("success").GetBoolean()));
        Assert.Equal(("a", "[workers-ai/@cf/meta/llama-3.1-8b-instruct] You said: one"), (done.TextAt("responses.0.external_reference"), done.TextAt("responses.0.result.response")));
        Assert.Equal(
            done.At("responses").EnumerateArray().Where(one => one.At("success").GetBoolean()).Sum(one => one.NumberAt("result.usage.total_tokens")), done.NumberAt("usage.total_tokens"));
    }

    [Theory]
    [InlineData(Path, "{}")]
    [InlineData(Path, """{"requests":[]}""")]
    [InlineData(Path, """{"requests":[7]}""")]
    [InlineData(Path, """{"request_id":"nobody"}""")]
    [InlineData("run/@cf/openai/whisper?queueRequest=true", """{"requests":[{"audio":[1]}]}""")]
    public async Task Batch_Wrong_400(string path, string body)
    {
        await using var emulator = await TestEmulator.StartAsync();

        Assert.Equal((400, 5006), await emulator.Management.RunAsync(path, body) is var no ? (no.Status, no.ErrorCode) : default);
    }

    [Fact]
    public async Task Batch_Over10Megabytes_413()
    {
        await using var emulator = await TestEmulator.StartAsync();

        Assert.Equal((413, 3006), await emulator.Management.RunAsync(Path, $$"""{"requests":[{"prompt":"{{new string('x', 10 * 1024 * 1024)}}"}]}""") is var no ? (no.Status, no.ErrorCode) : default);
    }
}
