using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Models;
using GatewayOps.Cli.Output;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Chat;

/// <summary>A conversation with a model: lines in, answers out as they come. Answers go to stdout, all else to stderr.</summary>
internal sealed class ChatSession : IAsyncDisposable
{
    private static readonly Table Turn = new("", "requestId", "", Column.Of("text", "text"));

    private readonly Shell _shell;
    private readonly OutputWriter _writer;
    private readonly ModelTarget _target;
    private readonly Costs _costs;
    private readonly HttpClient _http;
    private readonly GatewayChatClient _client;
    private readonly Interrupts _interrupts;
    private string? _model;

    public ChatSession(Shell shell, OutputWriter writer, ModelTarget target, CancellationToken cancellationToken)
    {
        (_shell, _writer, _target, _costs) = (shell, writer, target, new Costs(target));
        _http = target.Connect();
        _client = new GatewayChatClient(target.Options, _http);
        _interrupts = new Interrupts(cancellationToken);
    }

    public Conversation Conversation { get; } = new();

    /// <summary>Null leaves it to the model.</summary>
    public float? Temperature { get; set; }

    /// <summary>Tokens of an answer at most; null leaves it to the model.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The model that is asked, as it is sent.</summary>
    public string Model
    {
        get => _model is null ? _client.Metadata.DefaultModelId! : _target.Service is null ? $"{_target.Options.Provider}/{_model}" : _model;
        set => _model = value;
    }

    /// <summary>The last question that had no whole answer.</summary>
    public string? Failed { get; private set; }

    /// <summary>One question.</summary>
    public async Task<int> AskOnceAsync(string text)
    {
        try
        {
            return await AskAsync(text) ? ExitCodes.Ok : await StoppedAsync();
        }
        catch (OperationCanceledException) when (_interrupts.All.IsCancellationRequested)
        {
            return await StoppedAsync();
        }
    }

    /// <summary>Line by line, to the end of input. A question that failed is told, and does not end it; where nobody types, the exit code says so.</summary>
    public async Task<int> RunAsync()
    {
        var lines = new ChatLines(_shell.Terminal, _shell.Errors);
        if (_shell.Terminal.IsTyped)
        {
            Tell($"{Model}, through {_target.Told}. /help lists what can be typed; exit or Ctrl-D leaves.");
        }

        var failed = false;
        try
        {
            while (await lines.NextAsync(_interrupts.All) is { } line && !SlashCommands.IsFarewell(line.Trim()))
            {
                try
                {
                    if (await SlashCommands.AskedAsync(this, line.Trim(), _interrupts.All) is { Length: > 0 } question && !await AskAsync(question))
                    {
                        Tell("stopped; what came stays part of the conversation");
                    }
                }
                catch (CliException e)
                {
                    failed = true;
                    await _shell.TellAsync(e);
                }
            }
        }
        catch (OperationCanceledException) when (_interrupts.All.IsCancellationRequested)
        {
            return await StoppedAsync();
        }

        if (Conversation.Turns > 1)
        {
            Tell(InAll());
        }

        return failed && !_shell.Terminal.IsTyped ? ExitCodes.Failed : ExitCodes.Ok;
    }

    public void Tell(string line) => _writer.Message(PlainText.Line(line));

    /// <summary>Tokens and cost of the whole conversation, in words.</summary>
    public string InAll() => $"in all {Conversation.Turns} turns, {Conversation.Tokens} tokens, {(Conversation.Unpriced == 0 ? Dollars.Of(Conversation.Cost) : Conversation.Unpriced == Conversation.Turns ? Dollars.Of(null) : $"at least {Dollars.Of(Conversation.Cost)}")}";

    /// <summary>What the proxy's list of models says.</summary>
    public async Task<IEnumerable<string>> ModelsAsync(CancellationToken cancellationToken)
    {
        using var api = new ControlPlaneApi(Shell.AsCaller(_target.Service ?? throw new CliException("Only a proxy lists its models.", "leave --direct out, or name the model: /model NAME")));
        return Cell.Items((await api.GetAsync(ModelsCommand.Path, cancellationToken))["data"]).Where(model => Cell.Flag(model["available"])).Select(model => $"{Cell.Text(model["id"]),-48} {Cell.Text(model["description"])}");
    }

    public async ValueTask DisposeAsync()
    {
        _interrupts.Dispose();
        await _client.DisposeAsync();
        _http.Dispose();
    }

    // False: somebody stopped it.
    private async Task<bool> AskAsync(string question)
    {
        var answer = new Answer(_shell, _writer);
        var stop = _interrupts.BeginAnswer();
        GatewayUsage? usage = null;
        try
        {
            var options = new ChatOptions { ModelId = _model, Temperature = Temperature, MaxOutputTokens = MaxTokens };
            var updates = new List<ChatResponseUpdate>();
            await foreach (var update in _client.GetStreamingResponseAsync(Conversation.With(question), options, stop.Token))
            {
                updates.Add(update);
                answer.Add(update.Text);
            }

            usage = updates.ToChatResponse().GetGatewayUsage();
            answer.End();
            Failed = null;
            Conversation.Add(question, answer.Text);
            await TellAsync(answer, usage, isWhole: true);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            answer.End();
            Failed = question;
            Conversation.Add(question, answer.Text);
            await TellAsync(answer, usage, isWhole: false);
            return _interrupts.All.IsCancellationRequested ? throw new OperationCanceledException(_interrupts.All) : false;
        }
        catch (GatewayException e)
        {
            answer.End();
            Failed = question;
            if (answer.Text.Length > 0)
            {
                await TellAsync(answer, usage: null, isWhole: false);
            }

            throw ModelFailure.Of(e, _target);
        }
        finally
        {
            _interrupts.EndAnswer();
        }
    }

    private async Task TellAsync(Answer answer, GatewayUsage? usage, bool isWhole)
    {
        var cost = usage is null ? null : await _costs.OfAsync(usage, Model, _interrupts.All);
        var isCached = usage is not null && Costs.IsCached(usage);
        Conversation.Count(usage, cost);
        if (_writer.Format != OutputFormat.Table)
        {
            _writer.Next(new JsonObject
            {
                ["text"] = answer.Text,
                ["complete"] = isWhole,
                ["model"] = usage?.Model ?? Model,
                ["provider"] = usage?.Provider,
                ["requestId"] = usage?.RequestId,
                ["cached"] = isCached,
                ["tokensIn"] = usage?.InputTokens,
                ["tokensOut"] = usage?.OutputTokens,
                ["costUsd"] = cost,
                ["totalCostUsd"] = Conversation.Cost,
            }, Turn);
        }
        else if (isWhole)
        {
            var tokens = usage is { InputTokens: { } input, OutputTokens: { } output } ? $"{input} tokens in, {output} out" : "tokens not told";
            Tell($"{usage?.Model ?? Model} by {usage?.Provider}: {tokens}, {(isCached ? "from the cache" : Dollars.Of(cost))}{(Conversation.Turns > 1 ? $"; {InAll()}" : "")}");
        }
    }

    private async Task<int> StoppedAsync()
    {
        await _shell.Errors.WriteLineAsync("stopped");
        return ExitCodes.Interrupted;
    }

    /// <summary>The text of an answer, shown as it comes where it is for people.</summary>
    private sealed class Answer(Shell shell, OutputWriter writer)
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public void Add(string piece)
        {
            _text.Append(piece);
            if (writer.Format == OutputFormat.Table && piece.Length > 0)
            {
                writer.Raw(shell.Terminal.IsSeen ? PlainText.Lines(piece) : piece);
                writer.Flush();
            }
        }

        /// <summary>What follows begins on a line of its own.</summary>
        public void End()
        {
            if (writer.Format == OutputFormat.Table && _text.Length > 0 && _text[^1] != '\n')
            {
                writer.Raw("\n");
                writer.Flush();
            }
        }
    }
}
