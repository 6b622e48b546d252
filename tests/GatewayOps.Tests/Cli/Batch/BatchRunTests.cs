using System.Text.Json;
using GatewayOps.Tests.Client;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>`batch run` against a gateway: what is sent, what comes out. Source: checklist S4-02 to S4-06, S4-12, S4-17.</summary>
public sealed class BatchRunTests(ClientStage stage) : IClassFixture<ClientStage>, IDisposable
{
    private readonly BatchWork _work = BatchWork.Before(stage);

    [Fact]
    [Trait("checklist", "S4-12")]
    public async Task Lines_AreAnsweredInTheirOrder_WithTheirIds_AndNothingElseIsLeft()
    {
        _work.Write(
            "prompts.jsonl",
            """{"id":"a","prompt":"one"}""",
            """{"id":7,"question":"two ¿qué?","metadata":{"n":[1,2]}}""",
            "",
            """{"prompt":"three"}""",
            """{"custom_id":"d","body":{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"four"}]}]}}""",
            """{"id":"e","system":"Be brief.","prompt":"five","model":"gpt-4o","max_tokens":3}""");

        var run = await _work.BatchAsync();

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var answers = _work.Answers();
        Assert.Equal(["\"a\"", "7", "4", "\"d\"", "\"e\""], answers.Select(answer => answer.GetProperty("id").GetRawText()));
        Assert.Equal("[openai/gpt-4o-mini] You said: two ¿qué?", answers[1].GetProperty("response").GetString());
        Assert.Equal("""{"n":[1,2]}""", answers[1].GetProperty("metadata").GetRawText());
        Assert.EndsWith("You said: four", answers[3].GetProperty("response").GetString());
        Assert.Equal(("gpt-4o", "length", 3), (answers[4].GetProperty("model").GetString(), answers[4].GetProperty("finish_reason").GetString(), answers[4].GetProperty("usage").GetProperty("output_tokens").GetInt32()));
        Assert.All(answers, answer => Assert.True(answer.GetProperty("cost_usd").GetDecimal() > 0));
        Assert.All(answers, answer => Assert.True(answer.GetProperty("request_id").GetString()!.Length > 5));
        Assert.Equal(["answers.jsonl", "prompts.jsonl"], _work.Files);
        Assert.Contains("answers.jsonl", run.Output);
    }

    [Fact]
    [Trait("checklist", "S4-03")]
    [Trait("checklist", "S4-04")]
    public async Task ModelAndTemperature_ReachTheProvider_AlsoTheDefaults()
    {
        _work.Write("prompts.jsonl", """{"prompt":"defaults of the run"}""", """{"prompt":"own of the line","temperature":1.5}""");
        _work.Variables.Remove("LLM_PROVIDER");
        _work.Variables.Remove("CLOUDFLARE_MODEL");

        Assert.Equal(0, (await _work.BatchAsync()).ExitCode);
        Assert.Equal(0, (await _work.RunAsync("run", "prompts.jsonl", "--output", "b.jsonl", "--model", "@cf/meta/llama-3-8b-instruct", "--temperature", "0.3")).ExitCode);
        _work.Write("third.jsonl", """{"prompt":"without a temperature"}""");
        Assert.Equal(0, (await _work.RunAsync("run", "third.jsonl", "--model", "openai/gpt-5-mini", "--temperature=none")).ExitCode);

        var (recorded, body) = await stage.ReceivedAsync("workers-ai", "own of the line");
        Assert.Contains("@cf/meta/llama-3-8b-instruct", recorded.ToString() + body, StringComparison.Ordinal);
        Assert.Equal(1.5, body.GetProperty("temperature").GetDouble());
        Assert.Equal("@cf/meta/llama-3.1-70b-instruct", _work.Answers()[0].GetProperty("model").GetString());
        var sent = await SentAsync("workers-ai", "defaults of the run");
        Assert.Equal(["0", "0.3"], sent.Select(request => request.GetProperty("temperature").GetRawText()));
        var (_, third) = await stage.ReceivedAsync("openai", "without a temperature");
        Assert.Equal("gpt-5-mini", third.GetProperty("model").GetString());
        Assert.False(third.TryGetProperty("temperature", out _));
    }

    [Fact]
    [Trait("checklist", "S4-02")]
    public async Task Run_IsTheSameVerb_AndReadsADataSet()
    {
        File.WriteAllText(_work["dataset.json"], """
            {
              "metadata": { "dataset_info": { "name": "MATH", "examples": 3 } },
              "examples": [
                { "id": 0, "question": "What is 1 + 1?", "answer": "2" },
                { "id": 1, "question": "What is [2] + {2}?", "answer": "4" },
                { "id": 2, "question": "And \"3\"?", "answer": "6", "metadata": {
                   "source": "x" } }
              ]
            }
            """);

        var run = await _work.RunAsync("run", "dataset.json");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal([0, 1, 2], _work.Answers("dataset.out.jsonl").Select(answer => answer.GetProperty("id").GetInt32()));
        Assert.EndsWith("You said: What is [2] + {2}?", _work.Answers("dataset.out.jsonl")[1].GetProperty("response").GetString());
        Assert.Equal("""{"source":"x"}""", _work.Answers("dataset.out.jsonl")[2].GetProperty("metadata").GetRawText());
    }

    [Fact]
    [Trait("checklist", "S4-06")]
    public async Task UsePrefix_EachPromptBeginsWithItsPrefix_ByPromptOrId_AndAMissingMemoryIsAWarning()
    {
        _work.Write("prompts.jsonl", """{"id":"x","prompt":"by its prompt"}""", """{"id":"y","prompt":"by its id"}""", """{"id":"z","prompt":"without one"}""");
        var without = await _work.BatchAsync("--use-prefix");
        _work.Write("prompts.prefix.json", """{"by its prompt":"Thought: first, look.\n\n","y":"Thought: second. "}""");

        var with = await _work.RunAsync("run", "prompts.jsonl", "--output", "b.jsonl", "--use-prefix");

        Assert.Equal((0, 0), (without.ExitCode, with.ExitCode));
        Assert.Equal($"warning: there is no prefix memory {_work["prompts.prefix.json"]}: prompts are sent as they are\n", without.Errors);
        Assert.Equal(
            ["[openai/gpt-4o-mini] You said: Thought: first, look.\n\nby its prompt", "[openai/gpt-4o-mini] You said: Thought: second. by its id", "[openai/gpt-4o-mini] You said: without one"],
            _work.Answers("b.jsonl").Select(answer => answer.GetProperty("response").GetString()));
        Assert.DoesNotContain("Thought", File.ReadAllText(_work["answers.jsonl"]));
    }

    [Fact]
    [Trait("checklist", "S4-17")]
    public async Task Debug_AsksForTheFirstTen_AndShowsEach()
    {
        _work.Prompts(25, "Debugged");

        var run = await _work.BatchAsync("--debug", "--workers", "1");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(10, _work.Answers().Count);
        Assert.Contains("line 3 in ", run.Errors);
        Assert.Contains("s: Debugged 2\n  {\"id\":\"p2\",\"model\":\"gpt-4o-mini\",\"response\":\"[openai/gpt-4o-mini] You said: Debugged 2\"", run.Errors);
        Assert.DoesNotContain(stage.Emulator.Options.ApiToken, run.Errors + run.Output + File.ReadAllText(_work["answers.jsonl"]));
    }

    [Fact]
    public async Task Summary_IsDataInTheAskedFormat_WithMoneyExactly()
    {
        _work.Prompts(20);

        var run = await _work.BatchAsync("--format", "json");

        var summary = JsonSerializer.Deserialize<JsonElement>(run.Output);
        Assert.Equal((20, 20, 0), (summary.GetProperty("lines").GetInt32(), summary.GetProperty("answered").GetInt32(), summary.GetProperty("failed").GetInt32()));
        Assert.Equal(_work.Answers().Sum(answer => answer.GetProperty("cost_usd").GetDecimal()), summary.GetProperty("costUsd").GetDecimal());
        Assert.Equal(_work.Answers().Sum(answer => answer.GetProperty("usage").GetProperty("output_tokens").GetInt64()), summary.GetProperty("outputTokens").GetInt64());
        Assert.DoesNotContain('\r', run.Errors); // no bar without a terminal
    }

    [Fact]
    public async Task Stdin_ToStdout_KeepsTheOrder_AndLeavesNoFile()
    {
        var lines = string.Concat(Enumerable.Range(0, 200).Select(i => $"{{\"id\":{i},\"prompt\":\"Piped {i}\"}}\r\n"));

        var run = await CliRun.ProcessAsync(["run", "--input", "-", "--workers", "16"], _work.Variables, "\uFEFF" + lines, _work.Folder);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Enumerable.Range(0, 200), run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("id").GetInt32()));
        Assert.Contains("stdout", run.Errors); // the summary
        Assert.DoesNotContain('\r', run.Errors);
        Assert.Empty(_work.Files);
    }

    public void Dispose() => _work.Dispose();

    private async Task<IReadOnlyList<JsonElement>> SentAsync(string provider, string text) =>
        [.. (await stage.Emulator.UpstreamAsync(provider)).GetProperty("recorded").EnumerateArray().Select(request => request.GetProperty("body").GetString()!).Where(body => body.Contains(text, StringComparison.Ordinal)).Select(body => JsonSerializer.Deserialize<JsonElement>(body))];
}
