using System.Diagnostics;
using GatewayOps.Cli.Batch;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>A run that was stopped or killed goes on where it was: no line twice, no line lost, nothing asked for again but what was under way.</summary>
public sealed class BatchResumeTests
{
    private const int Lines = 200;

    [Fact]
    [Trait("checklist", "S4-12")]
    public async Task Kill9_AndATornLastLine_ResumeIsComplete_AndAsksForNothingTwiceThatWasAnswered()
    {
        var (hold, reached) = (new TaskCompletionSource(), new TaskCompletionSource());
        AnsweringGateway? self = null;
        await using var gateway = self = await AnsweringGateway.StartAsync(async (_, _) =>
        {
            if (self!.Asked.Count > 100 && !hold.Task.IsCompleted)
            {
                reached.TrySetResult();
                await hold.Task;
            }

            return new Reply();
        });
        using var work = gateway.Work();
        work.Prompts(Lines);
        using (var process = CliRun.Start(["batch", "run", "--input", "prompts.jsonl", "--output", "answers.jsonl", "--workers", "8"], work.Variables, work.Folder))
        {
            await reached.Task;
            while (await LinesAsync(work["answers.jsonl.journal"]) < 101)
            {
                await Task.Yield();
            }

            Assert.False(File.Exists(work["answers.jsonl"]));
            var locked = await work.BatchAsync("--resume");
            Assert.Equal(2, locked.ExitCode);
            Assert.Contains($"Another process works on answers.jsonl: it has {work["answers.jsonl.journal"]} open.", locked.Errors);
            process.Kill();
            await process.EndAsync();
        }

        hold.SetResult();
        File.AppendAllText(work["answers.jsonl.journal"], """{"index":150,"ok":true,"in":10,"out":4,"line":{"id":"p150","respo""");

        var refused = await work.BatchAsync();
        var run = await work.BatchAsync("--resume", "--workers", "3");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("An earlier run for answers.jsonl has left what it was answered", refused.Errors);
        Assert.Contains("next:  gatewayops batch run --input prompts.jsonl --output answers.jsonl --resume; or delete that file to begin anew", refused.Errors);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"resumed: 100 of {Lines} lines are answered", run.Errors);
        Assert.Equal(Whole(), work.Answers().Select(answer => (answer.GetProperty("id").GetString()!, answer.GetProperty("response").GetString()!)));
        Assert.InRange(gateway.Asked.Count, Lines, Lines + 8); // 8 were on their way
        Assert.Equal(["answers.jsonl", "prompts.jsonl"], work.Files);
    }

    [Fact]
    public async Task Interrupt_SaysHowToGoOn_AndKeepsWhatWasAnswered()
    {
        var (hold, reached) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var gateway = await AnsweringGateway.StartAsync(async (prompt, _) =>
        {
            if (prompt == "Say 20")
            {
                reached.TrySetResult();
                await hold.Task;
            }

            return new Reply();
        });
        using var work = gateway.Work();
        work.Prompts(21);
        using var process = CliRun.Start(["run", "--input", "-", "--output", "my answers.jsonl", "--workers", "1"], work.Variables, work.Folder);
        await process.StandardInput.WriteAsync(File.ReadAllText(work["prompts.jsonl"]));
        process.StandardInput.Close();
        await reached.Task;

        await process.SignalAsync("INT");
        await process.EndAsync();
        hold.SetResult();

        Assert.Equal((130, ""), (process.ExitCode, await process.StandardOutput.ReadToEndAsync()));
        Assert.Equal(
            "stopped: 20 of 21 lines are answered and kept beside my answers.jsonl.\nnext:  gatewayops run --input - --output 'my answers.jsonl' --workers 1 --resume\n",
            await process.StandardError.ReadToEndAsync());
        Assert.Equal(["my answers.jsonl.journal", "my answers.jsonl.stdin", "prompts.jsonl"], work.Files);

        // What stdin was is kept with it.
        var run = await work.RunAsync("run", "--input", "-", "--output", "my answers.jsonl", "--resume");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Whole().Take(21), work.Answers("my answers.jsonl").Select(answer => (answer.GetProperty("id").GetString()!, answer.GetProperty("response").GetString()!)));
        Assert.Equal(["my answers.jsonl", "prompts.jsonl"], work.Files);
    }

    [Fact]
    public async Task AnotherInputOrOtherOptions_AreAnotherRun()
    {
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) => Task.FromResult(prompt == "Say 4" ? new Reply(400) : new Reply()));
        using var work = gateway.Work();
        work.Prompts(5);
        work.Write("prompts.prefix.json", """{"p1":"Well. "}""");
        Assert.Equal(1, (await work.BatchAsync()).ExitCode);
        var before = File.ReadAllText(work["answers.jsonl"]);
        (string[] Options, string Differs)[] cases =
        [
            (["--temperature", "0.5"], "--temperature changed since"),
            (["--model", "gpt-4o", "--max-tokens", "5"], "--model and --max-tokens changed since"),
            (["--use-prefix"], "the prefix memory changed since"),
            (["--provider", "groq", "--model", "gpt-4o-mini"], "the provider changed since"),
        ];
        foreach (var (options, differs) in cases)
        {
            var other = await work.BatchAsync(["--resume", .. options]);
            Assert.Equal(2, other.ExitCode);
            Assert.Contains($"The run that is to be resumed was another one: {differs}.", other.Errors);
            Assert.Contains($"delete {work["answers.jsonl.journal"]} to begin anew", other.Errors);
        }

        File.AppendAllText(work["prompts.jsonl"], """{"id":"p5","prompt":"Say 5"}""");
        Assert.Contains("the input and the number of lines (--debug) changed since.", (await work.BatchAsync("--resume")).Errors);
        Assert.Equal(5, gateway.Asked.Count);
        Assert.Equal(before, File.ReadAllText(work["answers.jsonl"]));
    }

    [Fact]
    public async Task Resume_WithNothingToResume_BeginsAnew_AndOfAWholeOutputDoesNothing()
    {
        await using var gateway = await AnsweringGateway.StartAsync();
        using var work = gateway.Work();
        work.Prompts(5);

        Assert.Equal(0, (await work.BatchAsync("--resume")).ExitCode);
        var again = await work.BatchAsync("--resume");

        Assert.Equal(0, again.ExitCode);
        Assert.Contains("answers.jsonl is whole: nothing is left to be done", again.Errors);
        Assert.Equal(5, gateway.Asked.Count);

        File.WriteAllLines(work["answers.jsonl"], File.ReadLines(work["answers.jsonl"]).SkipLast(1).ToList());
        Assert.Equal(2, (await work.BatchAsync("--resume")).ExitCode);
    }

    [Fact]
    public async Task InputThatChangesMeanwhile_MakesNoOutput()
    {
        BatchWork? self = null;
        await using var gateway = await AnsweringGateway.StartAsync((prompt, _) =>
        {
            if (prompt.EndsWith(" 0", StringComparison.Ordinal))
            {
                File.AppendAllText(self!["prompts.jsonl"], """{"id":"late","prompt":"Say 99"}""");
            }

            return Task.FromResult(new Reply());
        });
        using var work = self = gateway.Work();
        work.Prompts(150, new string('x', 1000)); // more than a block, so that its end is not read yet

        var run = await work.BatchAsync("--workers", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("prompts.jsonl changed while it was read.", run.Errors);
        Assert.False(File.Exists(work["answers.jsonl"]));
    }

    [Fact]
    public async Task Journal_PutsLinesInOrder_TheLaterRecordOfALineCounts_AndCutsOffWhatIsTorn()
    {
        using var folder = new TemporaryFolder();
        var header = new JournalHeader("hash", 5, "openai", "gpt-4o-mini", 0, null, null);
        using (var journal = Journal.Open(folder["a.journal"], TimeProvider.System))
        {
            journal.Begin(header);
            foreach (var (index, isOk) in new[] { (4, true), (0, false), (2, true), (1, true), (0, true) })
            {
                journal.Add(new BatchAnswer(index, isOk, System.Text.Encoding.UTF8.GetBytes($$"""{"id":{{index}},"ok":{{(isOk ? "true" : "false")}},"é":"}\n"}"""), 1, 2, 0.5m));
            }

            journal.Write(toDisk: true);
        }

        File.AppendAllText(folder["a.journal"], "\0\0\0\0\n{\"index\":3,\"ok\":true,\"line\":{}}\n");

        using var again = Journal.Open(folder["a.journal"], TimeProvider.System);
        Assert.Throws<IOException>(() => Journal.Open(folder["a.journal"], TimeProvider.System));
        Assert.Equal(header, await again.HeaderAsync(CancellationToken.None));
        var done = new System.Collections.BitArray(5);
        var totals = await again.RecoverAsync(done, CancellationToken.None);
        Assert.Equal([true, true, true, false, true], done.Cast<bool>());
        Assert.Equal(new BatchTotals(4, 0, 4, 8, 2m, 0), totals);
        again.Add(new BatchAnswer(3, true, "{\"id\":3}"u8.ToArray(), 1, 2, null));
        again.Write();
        using var output = new MemoryStream();
        await again.CopyOrderedAsync(5, output, CancellationToken.None);
        Assert.Equal(
            """
            {"id":0,"ok":true,"é":"}\n"}
            {"id":1,"ok":true,"é":"}\n"}
            {"id":2,"ok":true,"é":"}\n"}
            {"id":3}
            {"id":4,"ok":true,"é":"}\n"}

            """.ReplaceLineEndings("\n"),
            System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }

    // .NET would not open what another process has for itself.
    private static async Task<int> LinesAsync(string path)
    {
        using var count = Process.Start(new ProcessStartInfo("wc", ["-l", path]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return int.Parse((await count.StandardOutput.ReadToEndAsync()).TrimStart().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<(string Id, string Response)> Whole() => Enumerable.Range(0, Lines).Select(i => ($"p{i}", $"Say {i}!"));
}
