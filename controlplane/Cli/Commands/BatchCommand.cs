using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Batch;
using GatewayOps.Cli.Output;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.Cli.Commands;

/// <summary>`batch run`, and `run`, which is the same: many prompts from a file, their answers into another.</summary>
public static class BatchCommand
{
    private static readonly Table Summary = new(
        "",
        "output",
        "Nothing was done.",
        Column.Of("output", "output"),
        Column.Of("lines", "lines"),
        Column.Of("answered", "answered"),
        Column.Of("failed", "failed"),
        Column.Of("kept", "kept"),
        Column.Of("retries", "retries"),
        Column.Of("tokens in", "inputTokens"),
        Column.Of("tokens out", "outputTokens"),
        Column.Of("cost usd", "costUsd"),
        Column.Of("seconds", "seconds"),
        Column.Of("per second", "perSecond"));

    private static readonly Exits Exits = new(ExitCodes.ComparisonFailed, "0 all answered, 1 some lines failed, 2 error");

    public static Command Build(Shell shell) => new("batch", "Many prompts from a file: run.") { Verb(shell, "Answer every prompt of a file: JSONL in, JSONL out, in the same order.") };

    /// <summary>`run`, for those who come from the script that was called so.</summary>
    public static Command Alone(Shell shell) => Verb(shell, "As `batch run`: answer every prompt of a file.");

    private static Command Verb(Shell shell, string description)
    {
        var file = new Argument<string?>("file") { Description = "The prompts, in the place of --input.", Arity = ArgumentArity.ZeroOrOne };
        var input = new Option<string?>("--input") { Description = "The prompts: JSONL, or a JSON data set; - is stdin.", HelpName = "path" };
        // Its own: -o and --format stay the format of the summary.
        var output = new Option<string?>("--output") { Description = "The answers, JSONL; - is stdout. Must not be there yet. Default: FILE.out.jsonl beside the input, stdout for stdin.", HelpName = "path" };
        var model = new Option<string?>("--model") { Description = "Model of lines that name none, as @cf/meta/llama-3.1-70b-instruct or openai/gpt-4o-mini." };
        var provider = new Option<string?>("--provider", "-p") { Description = "Provider, where neither the model's name nor the environment says it." };
        var direct = new Option<bool>("--direct") { Description = "Past the service, straight to the gateway, with CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_GATEWAY_TOKEN." };
        var temperature = new Option<string>("--temperature") { Description = "0 to 2; `none` sends none, for models that refuse it.", DefaultValueFactory = _ => "0.0", HelpName = "0..2" };
        var tokens = new Option<int?>("--max-tokens") { Description = "Tokens of an answer at most; default: the model's own limit." };
        var workers = new Option<int>("--workers") { Description = "Requests at once, 1 to 1000.", DefaultValueFactory = _ => 4 };
        var retries = new Option<int>("--retries") { Description = "Further attempts, 0 to 10, at a line whose provider failed or whose answer broke off.", DefaultValueFactory = _ => 3 };
        var failures = new Option<int>("--max-failures") { Description = "Stop after so many failures in a row that are not the fault of the lines; 0 never does.", DefaultValueFactory = _ => 50 };
        var timeout = new Option<int>("--timeout") { Description = "Seconds for one answer.", DefaultValueFactory = _ => 300 };
        var prefix = new Option<bool>("--use-prefix") { Description = "Begin each prompt with its text of the prefix memory, if there is one." };
        var prefixes = new Option<string?>("--prefix-file") { Description = "The prefix memory, a JSON object {\"prompt or id\": \"prefix\"}; default: FILE.prefix.json beside the input.", HelpName = "path" };
        var debug = new Option<bool>("--debug") { Description = $"The first {BatchSettings.FirstFew} lines alone, with each prompt and answer on stderr." };
        var resume = new Option<bool>("--resume") { Description = "Go on with a run that was stopped or killed, and try again what failed." };
        var verb = new Command("run", description) { file, input, output, model, provider, direct, temperature, tokens, workers, retries, failures, timeout, prefix, prefixes, debug, resume };
        shell.Runs(
            verb,
            async (parse, cancellationToken) =>
            {
                var from = (parse.GetValue(file), parse.GetValue(input)) switch
                {
                    ({ } given, null) => given,
                    (null, { } given) => given,
                    (null, null) => throw new CliException("There is no input.", "gatewayops batch run --input FILE"),
                    _ => throw new CliException("FILE and --input are both given.", "leave one of them out"),
                };
                var settings = new BatchSettings
                {
                    Input = from,
                    Output = parse.GetValue(output) ?? (from == BatchSettings.Standard ? from : Path.ChangeExtension(from, ".out.jsonl")),
                    Temperature = Temperature(parse.GetRequiredValue(temperature)),
                    MaxTokens = parse.GetValue(tokens) is { } most ? Within(most, 1, int.MaxValue, tokens) : null,
                    Workers = Within(parse.GetRequiredValue(workers), 1, 1000, workers),
                    Retries = Within(parse.GetRequiredValue(retries), 0, 10, retries),
                    MaxFailures = Within(parse.GetRequiredValue(failures), 0, int.MaxValue, failures),
                    UsePrefix = parse.GetValue(prefix) || parse.GetValue(prefixes) is not null,
                    PrefixFile = parse.GetValue(prefixes) is { } path ? Path.GetFullPath(path, shell.Surroundings.Folder) : null,
                    Debug = parse.GetValue(debug),
                    Resume = parse.GetValue(resume),
                };
                var seconds = Within(parse.GetRequiredValue(timeout), 1, 86_400, timeout);
                var target = GatewayTarget.Find(shell.Surroundings, shell.Address(parse), parse.GetValue(provider), parse.GetValue(model), parse.GetValue(direct), TimeSpan.FromSeconds(seconds));
                return await RunAsync(shell, parse, settings, target, cancellationToken);
            },
            Exits);
        return verb;
    }

    private static async Task<int> RunAsync(Shell shell, ParseResult parse, BatchSettings settings, GatewayTarget target, CancellationToken cancellationToken)
    {
        var again = Again(parse);
        var time = TimeProvider.System;
        using var files = BatchFiles.Open(settings, shell.Surroundings.Folder, time);
        await using var chat = new GatewayChatClient(target.Options, null, time);
        var run = new BatchRun(
            settings, files, (prefixes, throttle) => new Asker(chat, target.Provider, target.Model, settings, prefixes, PriceTable.BuiltIn, throttle, time), shell.Output, shell.Errors.WriteLine, time);
        try
        {
            var work = run.RunAsync(target.Provider, target.Model, again, cancellationToken);
            var report = await (!settings.Debug && StandardOutput.IsTerminal(shell.Errors) ? Bar(shell, run, time).DuringAsync(work) : work);
            Print(shell, parse, settings, report);
            if (report.Totals.Failed > 0)
            {
                await shell.Errors.WriteLineAsync($"{report.Totals.Failed} of {report.Items} lines failed: the output says why.{(files.Journal is null ? "" : $"\nnext:  {again}")}");
            }

            return report.Totals.Failed > 0 ? ExitCodes.Differences : ExitCodes.Ok;
        }
        catch (BatchStoppedException e)
        {
            // The words of a provider must not steer the terminal.
            throw new CliException($"{PlainText.Line(e.Message)}\n{Left(run, settings)}", string.Join("; then ", new[] { e.Next, files.Journal is null ? null : again }.OfType<string>()));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && files.Journal is { IsEmpty: false })
        {
            await shell.Errors.WriteLineAsync($"stopped: {Left(run, settings)}\nnext:  {again}");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException || (e is IOException broken && !StandardOutput.IsGone(broken)))
        {
            throw new CliException($"{settings.Output} cannot be written: {e.Message}\n{Left(run, settings)}", $"make room or mend the disk; then {again}");
        }
    }

    private static string Left(BatchRun run, BatchSettings settings) =>
        $"{run.Totals.Answered} of {run.Items} lines are answered{(settings.Output == BatchSettings.Standard ? "." : $" and kept beside {settings.Output}.")}";

    private static ProgressBar Bar(Shell shell, BatchRun run, TimeProvider time)
    {
        var rate = new RateMeter(time);
        return new ProgressBar(
            shell.Errors,
            () => run.Items == 0 ? null : new BatchMoment(run.Items, run.Totals, rate.PerSecond(run.Totals.Answered + run.Totals.Failed), run.Pause),
            StandardOutput.Width,
            StandardOutput.TakesColour(Console.IsErrorRedirected),
            time);
    }

    private static void Print(Shell shell, ParseResult parse, BatchSettings settings, BatchReport report)
    {
        var isPiped = settings.Output == BatchSettings.Standard;
        // Stdout is the answers' own then.
        var writer = isPiped ? new OutputWriter(parse.GetRequiredValue(shell.Format), shell.Errors, shell.Errors) : shell.Writer(parse);
        var asked = report.Totals.Answered + report.Totals.Failed - report.Kept;
        writer.Write(
            new JsonObject
            {
                ["output"] = isPiped ? "stdout" : settings.Output,
                ["lines"] = report.Items,
                ["answered"] = report.Totals.Answered,
                ["failed"] = report.Totals.Failed,
                ["kept"] = report.Kept,
                ["retries"] = report.Retries,
                ["inputTokens"] = report.Totals.InputTokens,
                ["outputTokens"] = report.Totals.OutputTokens,
                ["costUsd"] = report.Totals.CostUsd,
                ["unpriced"] = report.Totals.Unpriced,
                ["seconds"] = Math.Round((decimal)report.Elapsed.TotalSeconds, 2),
                ["perSecond"] = report.Elapsed > TimeSpan.Zero ? Math.Round((decimal)(asked / report.Elapsed.TotalSeconds), 1) : 0m,
            },
            Summary);
        if (report.Totals.Unpriced > 0)
        {
            writer.Message($"note:  {report.Totals.Unpriced} answers have no known price; the cost is without them");
        }
    }

    private static float? Temperature(string given) =>
        given == "none" ? null
        : float.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 2 ? value
        : throw new CliException($"--temperature: '{given}' is not 0 to 2.", "give it like --temperature 0.7, or --temperature none");

    private static int Within(int given, int least, int most, Option option) =>
        given >= least && given <= most ? given : throw new CliException($"{option.Name}: {given} is not {least} to {most}.", "gatewayops batch run --help");

    /// <summary>The same command, to be pasted, with `--resume`.</summary>
    private static string Again(ParseResult parse)
    {
        var words = parse.Tokens.Select(token => token.Value).Where(word => word != "--resume").Append("--resume");
        return $"gatewayops {string.Join(' ', words.Select(word => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=@:,+%".Contains(c)) ? word : $"'{word.Replace("'", @"'\''")}'"))}";
    }
}
