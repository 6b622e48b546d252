using System.Text;
using GatewayOps.Cli;
using GatewayOps.Cli.Batch;
using GatewayOps.Tests.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>What is wrong with an input or an output is said before anything is sent: what, why, and what to do.</summary>
public sealed class BatchInputTests : IAsyncLifetime
{
    private ScriptedGateway _gateway = null!;
    private BatchWork _work = null!;

    public async Task InitializeAsync()
    {
        _gateway = await ScriptedGateway.StartAsync(ScriptedGateway.Says("hi"));
        _work = BatchWork.Before(_gateway);
    }

    public async Task DisposeAsync()
    {
        _work.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("{\"id\":\"a\"", "prompts.jsonl: line 2 is not JSON: ")]
    [InlineData("hello", "line 2 is not JSON: ")]
    [InlineData("[1]", "line 2 is a JSON array, and not an object")]
    [InlineData("{\"id\":\"a\",\"prompt\":\"y\"}", "line 2 has the id \"a\" of line 1")]
    [InlineData("{\"id\":{},\"prompt\":\"y\"}", "line 2 has an `id` that is no number and no text")]
    [InlineData("{\"id\":\"b\"}", "line 2 has no `prompt`, no `question` and no `messages`")]
    [InlineData("{\"id\":\"b\",\"prompt\":\" \"}", "line 2 has an empty prompt")]
    [InlineData("{\"id\":\"b\",\"prompt\":5}", "line 2 has a `prompt` that is no text")]
    [InlineData("{\"id\":\"b\",\"prompt\":\"x\",\"messages\":[]}", "line 2 has a prompt and `messages`")]
    [InlineData("{\"id\":\"b\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]}", "line 2 has `messages` that do not end with one of the user")]
    [InlineData("{\"id\":\"b\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}", "line 2 has a message whose `role` is none of system, developer, user, assistant")]
    [InlineData("{\"id\":\"b\",\"prompt\":\"x\",\"temperature\":3}", "line 2 has a `temperature` that is not 0 to 2")]
    [InlineData("{\"id\":\"b\",\"prompt\":\"x\",\"max_tokens\":1.5}", "line 2 has a `max_tokens` that is no whole number of 1 or more")]
    [InlineData("{\"id\":\"b\",\"prompt\":\"x\",\"prompt\":\"y\"}", "line 2 is not JSON: ")]
    [InlineData("{\"id\":\"b\",\"prompt\":\"\\ud800\"}", "line 2 holds text that is no valid UTF-8 or half a character")]
    public async Task BadLine_IsNamedWithItsFault_AndNothingIsSent(string line, string fault)
    {
        _work.Write("prompts.jsonl", """{"id":"a","prompt":"x"}""", line);

        var run = await _work.BatchAsync();

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(fault, run.Errors, StringComparison.Ordinal);
        Assert.Contains("next:  put them right and run it again: nothing was sent", run.Errors);
        Assert.Empty(_gateway.Asked);
        Assert.Equal(["prompts.jsonl"], _work.Files);
    }

    [Fact]
    public async Task ManyBadLines_AreListedUpToTen_AndCounted()
    {
        _work.Write("prompts.jsonl", [.. Enumerable.Repeat("no", 25)]);

        var run = await _work.BatchAsync();

        Assert.Contains("prompts.jsonl has 25 faults:\n  line 1 is not JSON", run.Errors);
        Assert.Contains("  and 15 more\n", run.Errors);
        Assert.DoesNotContain("line 11 ", run.Errors);
    }

    [Theory]
    [InlineData("", "is empty: it has no line")]
    [InlineData("\n \r\n\n", "is empty: it has no line")]
    [InlineData("[]", "is empty: it has no line")]
    [InlineData("{\n\"metadata\":{}\n}", "is no JSON document of items (item 1): it has no array `examples`")]
    [InlineData("[{\"prompt\":\"x\"},\n", "is no JSON document of items (item 2): ")]
    [InlineData("[{\"id\":\"1\",\"prompt\":\"x\"},{\"id\":\"1\",\"prompt\":\"y\"}]", "item 2 has the id \"1\" of item 1")]
    public async Task BadDocument_SaysWhatIsWrong(string text, string fault)
    {
        File.WriteAllText(_work["prompts.jsonl"], text);

        var run = await _work.BatchAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(fault, run.Errors, StringComparison.Ordinal);
        Assert.Contains("next:  ", run.Errors);
        Assert.Empty(_gateway.Asked);
        Assert.Equal(["prompts.jsonl"], _work.Files);
    }

    [Fact]
    public async Task ByteOrderMarkAndCarriageReturns_AreNoPartOfALine_AndUtf16IsNamed()
    {
        File.WriteAllText(_work["prompts.jsonl"], "{\"id\":\"a\",\"prompt\":\"x\"}\r\n{\"id\":\"b\",\"prompt\":\"y\"}", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        File.WriteAllText(_work["wide.jsonl"], "{}", Encoding.Unicode);

        var (run, wide) = (await _work.BatchAsync(), await _work.RunAsync("run", "wide.jsonl"));

        Assert.Equal((0, 2), (run.ExitCode, wide.ExitCode));
        Assert.Equal(["a", "b"], _work.Answers().Select(answer => answer.GetProperty("id").GetString()!));
        Assert.Contains("wide.jsonl is UTF-16", wide.Errors);
    }

    [Fact]
    public async Task LineBeyondTheLimit_IsNamed_AndALargeOneIsSent()
    {
        var large = new string('x', 3_000_000);
        _work.Write("prompts.jsonl", $$"""{"id":"a","prompt":"{{large}}"}""", """{"id":"b","prompt":"y"}""");
        File.WriteAllText(_work["huge.jsonl"], $$"""{"id":"a","prompt":"x"}{{"\n"}}{"id":"b","prompt":"{{new string('x', LineReader.Longest)}}"}{{"\n"}}{"id":"a","prompt":"x"}""");

        var (run, huge) = (await _work.BatchAsync("--workers", "1"), await _work.RunAsync("run", "huge.jsonl"));

        Assert.Equal((0, 2), (run.ExitCode, huge.ExitCode));
        Assert.Contains(large, _gateway.Asked[0].Body);
        Assert.Contains("line 2 is longer than 16 MiB", huge.Errors);
        Assert.Contains("line 3 has the id \"a\" of line 1", huge.Errors);
    }

    [Fact]
    public async Task Paths_ThatCannotBeUsed_SayWhyAndTheNextStep()
    {
        _work.Prompts(1);
        Directory.CreateDirectory(_work["folder"]);
        File.CreateSymbolicLink(_work["link.jsonl"], _work["prompts.jsonl"]);
        File.WriteAllText(_work["there.jsonl"], "kept");
        (string[] Arguments, string What, string Next)[] cases =
        [
            (["run"], "There is no input.", "gatewayops batch run --input FILE"),
            (["run", "prompts.jsonl", "--input", "prompts.jsonl"], "FILE and --input are both given.", "leave one of them out"),
            (["run", "none.jsonl"], "none.jsonl is not there.", "give the path of a JSONL file"),
            (["run", "folder"], "folder is a folder.", "give the path of a JSONL file"),
            (["run", "prompts.jsonl", "--output", "folder"], "folder is a folder.", "give the path of a file"),
            (["run", "prompts.jsonl", "--output", "prompts.jsonl"], "prompts.jsonl is the input", "give another path"),
            (["run", "prompts.jsonl", "--output", "link.jsonl"], "link.jsonl is the input", "give another path"),
            (["run", "prompts.jsonl", "--output", "there.jsonl"], "there.jsonl is there already.", "give another path"),
            (["run", "prompts.jsonl", "--output", "there.jsonl", "--resume"], "there.jsonl is there already, and is not the whole output of prompts.jsonl.", "give another path"),
            (["run", "prompts.jsonl", "--output", "nowhere/a.jsonl"], "nowhere/a.jsonl cannot be written: its folder is not there.", $"mkdir -p {_work["nowhere"]}"),
            (["run", "prompts.jsonl", "--output", "/proc/a.jsonl"], "/proc/a.jsonl cannot be written", ""),
            (["run", "prompts.jsonl", "--output", "-", "--resume"], "--resume needs an output that is a file", "give a path"),
            (["run", "prompts.jsonl", "--workers", "0"], "--workers: 0 is not 1 to 1000.", "gatewayops batch run --help"),
            (["run", "prompts.jsonl", "--temperature", "warm"], "--temperature: 'warm' is not 0 to 2.", "give it like --temperature 0.7"),
            (["run", "prompts.jsonl", "--prefix-file", "there.jsonl"], "is no JSON object of texts", "give {\"prompt or id\": \"prefix\", …} with --prefix-file, or leave --use-prefix out"),
        ];
        foreach (var (arguments, what, next) in cases)
        {
            var run = await _work.RunAsync(arguments);
            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            Assert.StartsWith("error: ", run.Errors);
            Assert.Contains(what, run.Errors);
            Assert.Contains($"next:  {next}", run.Errors);
        }

        Assert.Empty(_gateway.Asked);
        Assert.Equal("kept", File.ReadAllText(_work["there.jsonl"]));
        Assert.Equal(["link.jsonl", "prompts.jsonl", "there.jsonl"], _work.Files);
    }

    [Fact]
    [Trait("checklist", "S0-02")]
    public async Task NoAccount_NamesTheVariable_AndNothingIsSent()
    {
        _work.Prompts(1);
        _work.Variables.Remove("CLOUDFLARE_ACCOUNT_ID");

        var run = await _work.BatchAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CLOUDFLARE_ACCOUNT_ID", run.Errors);
        Assert.Empty(_gateway.Asked);
    }

    [Fact]
    public async Task Check_MoreIdsThanAreRemembered_FindsEveryDuplicate()
    {
        _work.Write("prompts.jsonl", [.. Enumerable.Range(0, 1000).Select(i => $$"""{"id":"p{{(i == 999 ? 3 : i == 998 ? 500 : i)}}","prompt":"x"}""")]);

        var failure = await Assert.ThrowsAsync<CliException>(() => InputCheck.RunAsync(new BatchInput(_work["prompts.jsonl"], "prompts.jsonl"), remembered: 10, CancellationToken.None));

        Assert.Contains("has 2 faults", failure.Message);
        Assert.Contains("line 1000 has the id \"p3\" of line 4", failure.Message);
        Assert.Contains("line 999 has the id \"p500\" of line 501", failure.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Documents_AreReadInPiecesOfAnySize(int piece)
    {
        var text = Encoding.UTF8.GetBytes("""{ "other": [ {"a": [1, 2]} ], "examples": [ {"q": "x]}\"", "n": [1,{}]} , {} ], "after": 1 }""");
        var at = 0;
        var reader = new DocumentReader((into, _) =>
        {
            var count = Math.Min(Math.Min(piece, into.Length), text.Length - at);
            text.AsMemory(at, count).CopyTo(into);
            at += count;
            return ValueTask.FromResult(count);
        });
        var items = new List<string>();
        while (await reader.NextAsync(CancellationToken.None) is { } item)
        {
            items.Add(Encoding.UTF8.GetString(item.Span));
        }

        Assert.Equal(["""{"q": "x]}\"", "n": [1,{}]}""", "{}"], items);
    }
}
