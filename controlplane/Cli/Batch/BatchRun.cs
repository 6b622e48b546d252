using System.Collections;
using System.Text;
using System.Threading.Channels;

namespace GatewayOps.Cli.Batch;

/// <summary>How a run ended.</summary>
/// <param name="Items">Lines of the input that were asked for.</param>
/// <param name="Totals">Of this run and those that it went on with.</param>
/// <param name="Kept">Answers that were there when it began.</param>
/// <param name="Retries">Attempts after the first ones.</param>
/// <param name="Elapsed">From the first request to the last answer.</param>
public sealed record BatchReport(int Items, BatchTotals Totals, int Kept, long Retries, TimeSpan Elapsed);

/// <summary>
/// A batch from its input to its output: checks all of the input, asks for each item that has no answer yet with so many workers, keeps what comes in the journal, and puts the output together in the
/// order of the input. What is in memory does not grow with the input.
/// </summary>
public sealed class BatchRun(BatchSettings settings, BatchFiles files, Func<PrefixMemory?, Throttle, Asker> asker, TextWriter output, Action<string> tell, TimeProvider time)
{
    // Of records that wait for the journal's next write.
    private const int MostWaiting = 1024 * 1024;

    private readonly Throttle _throttle = new(time);
    private volatile BatchTotals _totals = BatchTotals.None;

    /// <summary>Lines to be answered; 0 until it is known.</summary>
    public int Items { get; private set; }

    /// <summary>So far.</summary>
    public BatchTotals Totals => _totals;

    /// <summary>How long all workers still wait because of a 429.</summary>
    public TimeSpan Pause => _throttle.Left;

    /// <param name="provider">Slug, for the header.</param>
    /// <param name="model">As it is sent, for the header.</param>
    /// <param name="resume">The command that goes on with it.</param>
    /// <param name="cancellationToken">Ends it; what was answered stays.</param>
    /// <exception cref="BatchStoppedException">It ended before its end.</exception>
    public async Task<BatchReport> RunAsync(string provider, string model, string resume, CancellationToken cancellationToken)
    {
        var header = files.Journal is { } journal ? await journal.HeaderAsync(cancellationToken) : null;
        DemandFree(header, resume);
        await files.SpoolAsync(settings, isKept: header is not null, cancellationToken);
        var input = await InputCheck.RunAsync(new BatchInput(files.InputPath, Shown), InputCheck.Remembered, cancellationToken);
        Items = settings.Debug ? Math.Min(input.Items, BatchSettings.FirstFew) : input.Items;
        if (settings.Resume && header is null && File.Exists(files.OutputPath))
        {
            await DemandWholeAsync(cancellationToken);
            return new BatchReport(Items, BatchTotals.None with { Answered = Items }, Items, 0, TimeSpan.Zero);
        }

        var prefixes = await PrefixesAsync(cancellationToken);
        var done = new BitArray(Items);
        await BeginAsync(new JournalHeader(input.Hash, Items, provider, model, settings.Temperature, settings.MaxTokens, prefixes?.Hash), header, done, cancellationToken);
        var (kept, began) = (_totals.Answered, time.GetTimestamp());
        var ask = asker(prefixes, _throttle);
        await AskAllAsync(ask, done, input, cancellationToken);
        var elapsed = time.GetElapsedTime(began);
        if (files.Journal is not null)
        {
            await files.ReplaceOutputAsync(stream => files.Journal.CopyOrderedAsync(Items, stream, cancellationToken));
            if (_totals.Failed == 0)
            {
                files.RemoveTraces();
            }
        }

        return new BatchReport(Items, _totals, kept, ask.Retries, elapsed);
    }

    private string Shown => settings.Input == BatchSettings.Standard ? "stdin" : settings.Input;

    private void DemandFree(JournalHeader? header, string resume)
    {
        if (settings.Resume || files.OutputPath is null)
        {
            return;
        }

        if (header is not null)
        {
            throw new CliException($"An earlier run for {settings.Output} has left what it was answered in {files.Journal!.Path}.", $"{resume}; or delete that file to begin anew");
        }

        if (File.Exists(files.OutputPath))
        {
            throw new CliException($"{settings.Output} is there already.", "give another path with --output, or move it away");
        }
    }

    private async Task<PrefixMemory?> PrefixesAsync(CancellationToken cancellationToken)
    {
        if (!settings.UsePrefix)
        {
            return null;
        }

        var path = settings.PrefixFile ?? (settings.Input == BatchSettings.Standard ? null : PrefixMemory.Beside(files.InputPath));
        var memory = path is null ? null : await PrefixMemory.ReadAsync(path, cancellationToken);
        tell(memory is null ? $"warning: there is no prefix memory{(path is null ? "" : $" {path}")}: prompts are sent as they are" : $"prefix memory {path}: {memory.Count} prefixes");
        return memory;
    }

    private async Task BeginAsync(JournalHeader now, JournalHeader? then, BitArray done, CancellationToken cancellationToken)
    {
        if (files.Journal is null)
        {
            return;
        }

        if (then is null)
        {
            files.Journal.Begin(now);
        }
        else if (then.Differs(now) is { } differs)
        {
            throw new CliException($"The run that is to be resumed was another one: {differs} changed since.", $"run it as it was, or delete {files.Journal.Path} to begin anew");
        }
        else
        {
            _totals = await files.Journal.RecoverAsync(done, cancellationToken);
            tell($"resumed: {_totals.Answered} of {Items} lines are answered");
        }
    }

    private async Task AskAllAsync(Asker ask, BitArray done, CheckedInput input, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ordered = files.Journal is null ? new OrderedWriter(output) : null;
        var items = Channel.CreateBounded<BatchItem>(new BoundedChannelOptions(settings.Workers) { SingleWriter = true });
        var answers = Channel.CreateBounded<BatchAnswer>(new BoundedChannelOptions(Math.Max(64, settings.Workers * 4)) { SingleReader = true });
        Exception? first = null;

        var producing = Guard(ProduceAsync(items.Writer, done, input, ordered, stop.Token), items.Writer);
        var writing = Guard(WriteAsync(answers.Reader, ordered), answers.Writer);
        await Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => Guard<BatchItem>(WorkAsync(ask, items.Reader, answers.Writer, stop.Token), null)).Prepend(producing));
        answers.Writer.TryComplete();
        await writing;
        cancellationToken.ThrowIfCancellationRequested();
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }

        // The first that fails ends the others, and is what is told.
        async Task Guard<T>(Task task, ChannelWriter<T>? closes)
        {
            try
            {
                await task;
                closes?.TryComplete();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null);
                closes?.TryComplete(e);
                await stop.CancelAsync();
            }
        }
    }

    private async Task ProduceAsync(ChannelWriter<BatchItem> items, BitArray done, CheckedInput input, OrderedWriter? ordered, CancellationToken cancellationToken)
    {
        var (source, index) = (new BatchInput(files.InputPath, Shown), 0);
        await foreach (var raw in source.ReadAsync(cancellationToken))
        {
            if (index == Items && settings.Debug)
            {
                return;
            }

            if (index == Items || BatchItems.Read(raw, index).Item is not { } item)
            {
                throw Changed();
            }

            if (!done[index++])
            {
                await (ordered?.RoomAsync(cancellationToken) ?? Task.CompletedTask);
                await items.WriteAsync(item, cancellationToken);
            }
        }

        if (source.Hash != input.Hash)
        {
            throw Changed();
        }
    }

    private CliException Changed() => new($"{Shown} changed while it was read.", "run it again with the whole input");

    private async Task WorkAsync(Asker ask, ChannelReader<BatchItem> items, ChannelWriter<BatchAnswer> answers, CancellationToken cancellationToken)
    {
        await foreach (var item in items.ReadAllAsync(cancellationToken))
        {
            var began = time.GetTimestamp();
            var answer = await ask.AskAsync(item, cancellationToken);
            if (settings.Debug)
            {
                tell($"{item.Name} in {time.GetElapsedTime(began).TotalSeconds:0.00} s: {Head(item.Messages[^1].Text)}\n  {Head(Encoding.UTF8.GetString(answer.Line.Span))}");
            }

            // What was paid for is kept, also when the run is being stopped.
            await answers.WriteAsync(answer, CancellationToken.None);
        }
    }

    private async Task WriteAsync(ChannelReader<BatchAnswer> answers, OrderedWriter? ordered)
    {
        while (await answers.WaitToReadAsync())
        {
            while ((files.Journal?.Waiting ?? 0) < MostWaiting && answers.TryRead(out var answer))
            {
                files.Journal?.Add(answer);
                await (ordered?.WriteAsync(answer) ?? Task.CompletedTask);
                _totals = _totals.Plus(answer);
            }

            files.Journal?.Write();
        }

        files.Journal?.Write(toDisk: true);
    }

    /// <summary>An output without a journal may be the end of an earlier run: then it holds a line for each item, and none failed.</summary>
    private async Task DemandWholeAsync(CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(files.OutputPath!);
        var lines = new LineReader(stream.ReadAsync);
        var index = 0;
        await foreach (var raw in new BatchInput(files.InputPath, Shown).ReadAsync(cancellationToken))
        {
            if (index == Items)
            {
                break;
            }

            if (await lines.NextAsync(cancellationToken) is not { } line || BatchItems.Read(raw, index++).Item?.IdText != OutputLine.AnsweredId(line.Text))
            {
                throw Other();
            }
        }

        if (await lines.NextAsync(cancellationToken) is not null)
        {
            throw Other();
        }

        tell($"{settings.Output} is whole: nothing is left to be done");

        CliException Other() => new($"{settings.Output} is there already, and is not the whole output of {Shown}.", "give another path with --output, or move it away");
    }

    private static string Head(string text) => string.Concat(text.Take(300).Select(c => char.IsControl(c) ? ' ' : c));
}
