using GatewayOps.Emulator;
using GatewayOps.Tests.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.WorkersAi.AiCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

public sealed class LimitTests
{
    private const string Prompt = """{"prompt":"Hello there"}""";

    [Theory]
    [InlineData(3036)]
    [InlineData(4006)]
    public async Task Allocation_UsedUp_429UntilTheNextDay(int code)
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { FreeNeuronsPerDay = 0.1, Assumptions = new Assumptions { WorkersAiDailyLimitCode = code } });

        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Llama}", Prompt)).Status);
        Assert.Equal((429, code), await emulator.Management.RunAsync($"run/{Bge}", """{"text":"x"}""") is var no ? (no.Status, no.ErrorCode) : default);
        await emulator.AdvanceClockAsync(TimeSpan.FromDays(1));
        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Bge}", """{"text":"x"}""")).Status);
    }

    [Fact]
    public void Neurons_FollowFromTokensAndPrices()
    {
        var model = GatewayOps.Emulator.WorkersAi.Catalogue.AiCatalogue.Find(Llama)!;

        // 0.282 USD for a million tokens, 0.011 USD for a thousand neurons.
        Assert.Equal(0.282 / 0.011 * 1000 + 2 * 0.827 / 0.011 * 1000, model.NeuronsFor(1_000_000, 2_000_000), 6);
    }

    [Fact]
    public async Task RateLimit_OfATask_CountsItsModelsTogetherByTheMinute()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { WorkersAiRateLimits = true });
        var state = emulator.Account.WorkersAi;
        var task = GatewayOps.Emulator.WorkersAi.Catalogue.AiTask.TextGeneration;
        for (var used = 0; used < task.PerMinute - 1; used++)
            Assert.True(state.TryCount(task.Id, task.PerMinute));

        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Llama}", Prompt)).Status);
        Assert.Equal((429, 3040), await emulator.Management.RunAsync($"run/{Tools}", Prompt) is var no ? (no.Status, no.ErrorCode) : default);
        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Bge}", """{"text":"x"}""")).Status);
        Assert.Equal(200, (await emulator.Management.RunAsync("run/@cf/microsoft/phi-2", Prompt)).Status); // has a limit of its own
        await emulator.AdvanceClockAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Tools}", Prompt)).Status);
    }

    [Theory]
    [InlineData(429, 3040)]
    [InlineData(408, 3007)]
    [InlineData(413, 3006)]
    [InlineData(403, 5018)]
    [InlineData(500, 3043)]
    public async Task Fault_OnDemand_HasWorkersAisCode(int status, int code)
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.SetUpstreamFaultAsync("workers-ai", new { status, times = 1 });

        Assert.Equal((status, code), await emulator.Management.RunAsync($"run/{Llama}", """{"prompt":"x","options":{"rejectIfBusy":true}}""") is var no ? (no.Status, no.ErrorCode) : default);
        Assert.Equal(200, (await emulator.Management.RunAsync($"run/{Llama}", Prompt)).Status);
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 429)]
    public async Task ApiLimit_CountsRunsOnlyWhereThatIsAssumed(bool counts, int status)
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 1, Assumptions = new Assumptions { InferenceCountsAsApiRequests = counts } });
        await emulator.Management.RunAsync($"run/{Llama}", Prompt);

        Assert.Equal(status, (await emulator.Management.RunAsync($"run/{Llama}", Prompt)).Status);
    }

    [Fact]
    public async Task Reset_ForgetsNeuronsAndTerms()
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.Management.RunAsync($"run/{Llama}", Prompt);
        Assert.True(emulator.Account.WorkersAi.NeuronsToday > 0);

        await emulator.Admin.PostAsync("reset", null);

        Assert.Equal(0, emulator.Account.WorkersAi.NeuronsToday);
    }
}
