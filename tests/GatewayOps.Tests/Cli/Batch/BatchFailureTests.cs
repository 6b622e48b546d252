using System.Text.Json;
using GatewayOps.Cli.Batch;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>What a batch does when a gateway refuses, fails, breaks off or is away. Waits are those of a clock that leaps.</summary>
public sealed class BatchFailureTests
{
    private static readonly PriceTable Prices = new(Options.Create(new UsageOptions()));

    [Fact]
    public async Task PassingFailures_AreTriedAgain_AndTheOutputIsExact()
    {
        Reply[] faults = [new(503), new(0), new(500), new(429, "2"), new(429), new(400, Code: "2005")];
        await using var gateway = await AnsweringGateway.StartAsync((prompt, times) => Task.FromResult(Number(prompt) % 7 is var kind && kind < faults.Length && times == 1 ? faults[kind] : new Reply()));
        using var work = gateway.Work();
        work.Prompts(70);

        var report = await RunAsync(gateway, work, new TestClock(), workers: 8);

        Assert.Equal((70, 0, 60), (report.Totals.Answered, report.Totals.Failed, report.Retries));
        Assert.Equal(Enumerable.Range(0, 70).Select(i => ($"p{i}", $"Say {i}!")), work.Answers().Select(answer => (answer.GetProperty("id").GetString()!, answer.GetProperty("response").GetString()!)));
        Assert.Equal(70 * ((10 * 0.15m) + (4 * 0.60m)) / 1_000_000m, report.Totals.CostUsd);
        Assert.Equal(["answers.jsonl", "prompts.jsonl"], work.Files);
    }

    [Fact]
    public async Task AnswersFromTheCache_CostNothing()
    {
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(new Reply(IsCached: Number(prompt) % 2 == 0)));
        using var work = gateway.Work();
        work.Prompts(4);

        var report = await RunAsync(gateway, work, new TestClock(), workers: 1);

        Assert.Equal([0, 0.0000039m, 0, 0.0000039m], work.Answers().Select(answer => answer.GetProperty("cost_usd").GetDecimal()));
        Assert.Equal(0.0000078m, report.Totals.CostUsd);
    }

    [Fact]
    public async Task RetryAfter_OfOneWorker_MakesAllWait()
    {
        var clock = new TestClock();
        var began = clock.GetUtcNow();
        var (together, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var arrivals = new System.Collections.Concurrent.ConcurrentQueue<TimeSpan>();
        await using var gateway = await AnsweringGateway.StartAsync(async (prompt, times) =>
        {
            arrivals.Enqueue(clock.GetUtcNow() - began);
            if (arrivals.Count == 4)
            {
                together.TrySetResult(); // two may see the fourth
            }

            await together.Task;
            if (Number(prompt) == 2 && times == 1)
            {
                return new Reply(429, "30");
            }

            await (times == 1 && Number(prompt) < 4 ? released.Task : Task.CompletedTask);
            return new Reply();
        });
        using var work = gateway.Work();
        work.Prompts(12);

        var run = Run(gateway, work, clock, workers: 4);
        var ended = run.Run.RunAsync("openai", "gpt-4o-mini", "", CancellationToken.None);
        await clock.TimerAsync(); // the refused worker waits
        Assert.Equal(TimeSpan.FromSeconds(30), run.Run.Pause);
        released.SetResult();
        while (run.Run.Totals.Answered < 3)
        {
            await Task.Yield();
        }

        clock.Advance(TimeSpan.FromSeconds(29));
        await clock.RunAsync(ended);
        run.Dispose();

        Assert.Equal(13, arrivals.Count);
        Assert.All(arrivals.Skip(4), arrival => Assert.True(arrival >= TimeSpan.FromSeconds(30), $"sent after {arrival}"));
        Assert.Equal(12, work.Answers().Count);
    }

    [Theory]
    [Trait("checklist", "S4-05")]
    [Trait("checklist", "S4-19")]
    [InlineData(4)]
    [InlineData(9, "--workers", "9")]
    public async Task Workers_AreAsManyAsAllowed_AndNeverMore_AndTheOrderIsTheInputs(int workers, params string[] said)
    {
        var (together, later) = (new TaskCompletionSource(), new TaskCompletionSource());
        var asked = 0;
        await using var gateway = await AnsweringGateway.StartAsync(async (prompt, _) =>
        {
            var before = Interlocked.Increment(ref asked);
            (before == workers ? together : before > workers ? later : null)?.TrySetResult();
            // All of the first are there before one is answered, and the first of them is overtaken.
            await together.Task;
            await (Number(prompt) == 0 ? later.Task : Task.CompletedTask);
            await Task.Yield();
            return new Reply();
        });
        using var work = gateway.Work();
        work.Prompts(100);

        var run = await work.BatchAsync(said);

        Assert.Equal((0, workers), (run.ExitCode, gateway.Most));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"Say {i}!"), work.Answers().Select(answer => answer.GetProperty("response").GetString()));
    }

    [Fact]
    public async Task LineThatIsRefused_IsALineWithAnError_AndResumeAsksForItAlone()
    {
        var mended = false;
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(Number(prompt) == 3 && !mended ? new Reply(400, Code: "context_length_exceeded") : new Reply()));
        using var work = gateway.Work();
        work.Prompts(6);

        var run = await work.BatchAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of 6 lines failed: the output says why.\nnext:  gatewayops batch run --input prompts.jsonl --output answers.jsonl --resume\n", run.Errors);
        var failed = work.Answers()[3];
        Assert.Equal("p3", failed.GetProperty("id").GetString());
        Assert.False(failed.TryGetProperty("response", out _));
        Assert.Equal(("refused", 400, "context_length_exceeded", 1), (failed.GetProperty("error").GetProperty("kind").GetString(), failed.GetProperty("error").GetProperty("status").GetInt32(), failed.GetProperty("error").GetProperty("code").GetString(), failed.GetProperty("error").GetProperty("attempts").GetInt32()));

        mended = true;
        var again = await work.BatchAsync("--resume", "-o", "json");

        Assert.Equal(0, again.ExitCode);
        Assert.Contains("resumed: 5 of 6 lines are answered", again.Errors);
        Assert.Equal(5, JsonSerializer.Deserialize<JsonElement>(again.Output).GetProperty("kept").GetInt32());
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"Say {i}!"), work.Answers().Select(answer => answer.GetProperty("response").GetString()));
        Assert.Equal(7, gateway.Asked.Count);
        Assert.Equal(["answers.jsonl", "prompts.jsonl"], work.Files);
    }

    [Theory]
    [Trait("checklist", "S3-21")]
    [Trait("checklist", "S3-22")]
    [InlineData(401, "no", "Not authorised: 401 of the gateway")]
    [InlineData(402, "no", "Insufficient credits: 402 of the gateway")]
    [InlineData(429, "insufficient_quota", "Insufficient credits: 429 of the gateway")]
    [InlineData(404, "model_not_found", "Model not found: 404 of the gateway")]
    public async Task WhatEveryLineWouldMeet_StopsTheRunAtOnce_AndIsNotRepeated(int status, string code, string told)
    {
        await using var gateway = await AnsweringGateway.StartAsync((_, _) => Task.FromResult(new Reply(status, Code: code)));
        using var work = gateway.Work();
        work.Prompts(50);

        var run = await work.BatchAsync("--workers", "2");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"error: {told}", run.Errors);
        Assert.Contains("0 of 50 lines are answered and kept beside answers.jsonl.", run.Errors);
        Assert.Contains("gatewayops batch run --input prompts.jsonl --output answers.jsonl --workers 2 --resume\n", run.Errors);
        Assert.InRange(gateway.Asked.Count, 1, 2);
        Assert.DoesNotContain(Client.ScriptedGateway.Token, run.Errors + File.ReadAllText(work["answers.jsonl.journal"]));
        Assert.Equal(["answers.jsonl.journal", "prompts.jsonl"], work.Files);
    }

    [Fact]
    public async Task OneModelThatIsNotThere_IsThatLinesFault()
    {
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(prompt == "wrong" ? new Reply(404, Code: "model_not_found") : new Reply()));
        using var work = gateway.Work();
        work.Write("prompts.jsonl", """{"prompt":"wrong","model":"gpt-nine"}""", """{"prompt":"right"}""");

        Assert.Equal(1, (await work.BatchAsync()).ExitCode);

        Assert.Equal("model_not_found", work.Answers()[0].GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal("right!", work.Answers()[1].GetProperty("response").GetString());
    }

    [Fact]
    public async Task AnswerThatIsTooLarge_IsThatLinesFault_AndNotAskedForAgain()
    {
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(Number(prompt) == 1 ? new Reply(Length: 1L << 40) : new Reply()));
        using var work = gateway.Work();
        work.Prompts(3);

        Assert.Equal(1, (await work.BatchAsync()).ExitCode);

        var error = work.Answers()[1].GetProperty("error");
        Assert.Equal(("too_large", 1), (error.GetProperty("kind").GetString(), error.GetProperty("attempts").GetInt32()));
        Assert.Equal(3, gateway.Asked.Count);
    }

    [Fact]
    public async Task LineThatIsRefusedAgainAndAgain_WhileOthersPass_FailsAlone()
    {
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(Number(prompt) == 0 ? new Reply(429, "1") : new Reply()));
        using var work = gateway.Work();
        work.Prompts(60);

        var report = await RunAsync(gateway, work, new TestClock(), workers: 2);

        Assert.Equal((59, 1), (report.Totals.Answered, report.Totals.Failed));
        Assert.Equal("rate_limited", work.Answers()[0].GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal(Asker.MostRefusals, gateway.Asked.Count(prompt => prompt == "Say 0"));
    }

    [Fact]
    public async Task GatewayThatOnlyRefusesOrFails_StopsTheRun()
    {
        var reply = new Reply(429);
        await using var gateway = await AnsweringGateway.StartAsync((_, _) => Task.FromResult(reply));
        using var work = gateway.Work();
        work.Prompts(1000);

        var refused = await Assert.ThrowsAsync<BatchStoppedException>(() => RunAsync(gateway, work, new TestClock(), workers: 4));
        Assert.Contains("Nothing was answered meanwhile", refused.Message);
        Assert.InRange(gateway.Asked.Count, Asker.MostRefusals, 4 * Asker.MostRefusals);

        reply = new Reply(429, "86400");
        Assert.Contains("That is too long to wait for", (await Assert.ThrowsAsync<BatchStoppedException>(() => RunAsync(gateway, work, new TestClock(), workers: 4, resume: true))).Message);

        reply = new Reply(503);
        gateway.Asked.Clear();
        var failing = await Assert.ThrowsAsync<BatchStoppedException>(() => RunAsync(gateway, work, new TestClock(), workers: 4, resume: true));
        // Those that were under way beside the fiftieth end, too.
        Assert.Matches("^5[0-3] lines failed one after the other", failing.Message);
        Assert.InRange(gateway.Asked.Count, 50 * 4, 54 * 4);
        Assert.False(File.Exists(work["answers.jsonl"]));

        reply = new Reply();
        Assert.Equal((1000, 0), (await RunAsync(gateway, work, new TestClock(), workers: 4, resume: true)).Totals is var totals ? (totals.Answered, totals.Failed) : default);
    }

    [Fact]
    public async Task NobodyThere_StopsAfterTheRetriesOfOneLine()
    {
        var gateway = await AnsweringGateway.StartAsync();
        using var work = gateway.Work();
        work.Prompts(100);
        var options = gateway.Options;
        await gateway.DisposeAsync();

        var stopped = await Assert.ThrowsAsync<BatchStoppedException>(() => RunAsync(options, work, new TestClock(), workers: 4));

        Assert.Contains("cannot be reached", stopped.Message);
    }

    [Fact]
    public async Task Throttle_WithoutARetryAfter_WaitsTwiceAsLongEachRound_AndRefusalsOfOneRoundCountOnce()
    {
        var clock = new TestClock();
        var throttle = new Throttle(clock);
        var waits = new List<double>();
        for (var round = 0; round < 8; round++)
        {
            var sent = throttle.Now;
            throttle.Refused(sent, null);
            throttle.Refused(sent, null);
            waits.Add(throttle.Left.TotalSeconds);
            await clock.RunAsync(throttle.WaitAsync(CancellationToken.None).AsTask());
        }

        Assert.All(waits.Zip([1.0, 2, 4, 8, 16, 32, 60, 60]), pair => Assert.InRange(pair.First, pair.Second, pair.Second * 1.2));
        throttle.Answered();
        throttle.Refused(throttle.Now, null);
        Assert.InRange(throttle.Left.TotalSeconds, 1, 1.2);
        throttle.Refused(TimeSpan.Zero, TimeSpan.FromSeconds(90)); // was on its way, and knows better
        Assert.Equal(90, throttle.Left.TotalSeconds);
    }

    private static int Number(string prompt) => int.Parse(prompt.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private static Task<BatchReport> RunAsync(AnsweringGateway gateway, BatchWork work, TestClock clock, int workers, bool resume = false) => RunAsync(gateway.Options, work, clock, workers, resume);

    private static async Task<BatchReport> RunAsync(GatewayClientOptions options, BatchWork work, TestClock clock, int workers, bool resume = false)
    {
        using var running = new Running(options, work, clock, workers, resume);
        return await clock.RunAsync(running.Run.RunAsync("openai", "gpt-4o-mini", "", CancellationToken.None));
    }

    private static Running Run(AnsweringGateway gateway, BatchWork work, TestClock clock, int workers) => new(gateway.Options, work, clock, workers, resume: false);

    private sealed class Running : IDisposable
    {
        private readonly BatchFiles _files;
        private readonly GatewayChatClient _chat;

        public Running(GatewayClientOptions options, BatchWork work, TestClock clock, int workers, bool resume)
        {
            var settings = new BatchSettings { Input = "prompts.jsonl", Output = "answers.jsonl", Workers = workers, Resume = resume };
            _files = BatchFiles.Open(settings, work.Folder, clock);
            _chat = new GatewayChatClient(options, null, clock);
            Run = new BatchRun(settings, _files, (prefixes, throttle) => new Asker(_chat, "openai", "gpt-4o-mini", settings, prefixes, Prices, throttle, clock), TextWriter.Null, _ => { }, clock);
        }

        public BatchRun Run { get; }

        public void Dispose()
        {
            _chat.Dispose();
            _files.Dispose();
        }
    }
}
