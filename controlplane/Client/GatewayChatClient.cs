using System.ClientModel;
using System.Runtime.CompilerServices;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Telemetry;
using GatewayOps.Client.Tools;
using GatewayOps.Client.Wire;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Client;

/// <summary>
/// Chat through a gateway of Cloudflare, the proxy of GatewayOps or its emulator, on the OpenAI SDK. Functions that the options bring are run here, and the model is asked again until it has
/// an answer. Thread-safe; one client is meant to serve a whole program. Failures are <see cref="GatewayException"/>s.
/// </summary>
public sealed partial class GatewayChatClient : IChatClient, IAsyncDisposable
{
    private static readonly ChatOptions NoOptions = new();

    private readonly GatewayClientOptions _options;
    private readonly GatewayCall _call;
    private readonly OpenAI.Chat.ChatClient _chat;
    private readonly Uri _endpoint;
    private readonly HttpClient? _own;
    private readonly ILogger _logger;
    private readonly BackgroundTasks _background;
    private readonly FunctionRunner _functions;

    /// <summary>Checks the options, and sends nothing. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="options">Which gateway and model.</param>
    /// <param name="http">A client of yours, which stays yours; null is one of its own, without redirects and cookies. Its own timeout should be infinite.</param>
    /// <param name="time">The clock of limits and waits; null is the system's.</param>
    /// <param name="logger">Retries, failed functions and failed background tasks; null is none. Prompts, answers and tokens are never logged.</param>
    public GatewayChatClient(GatewayClientOptions options, HttpClient? http = null, TimeProvider? time = null, ILogger<GatewayChatClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _endpoint = options.ResolveEndpoint();
        _options = options;
        _logger = logger ?? NullLogger<GatewayChatClient>.Instance;
        _call = new GatewayCall(options, time ?? TimeProvider.System, _logger);
        _own = http is null ? GatewayWire.NewHttp() : null;
        _chat = new OpenAI.Chat.ChatClient(Address.ChatModel(options, null), GatewayWire.Credential(options.GatewayToken), GatewayWire.Options(_endpoint, http ?? _own!, options.GatewayToken));
        _background = new BackgroundTasks(options.MaxBackgroundTasks, _call.Time, _logger, failure => BackgroundTaskFailed?.Invoke(this, failure));
        _functions = new FunctionRunner(options.MaxParallelFunctions, _background, _logger);
        Metadata = new ChatClientMetadata(options.Slug, _endpoint, Address.ChatModel(options, null));
    }

    /// <summary>A background task failed. Handlers run on the task's thread; what they throw is logged.</summary>
    public event EventHandler<BackgroundTaskFailedEventArgs>? BackgroundTaskFailed;

    /// <summary>Provider, address and model.</summary>
    public ChatClientMetadata Metadata { get; }

    /// <summary>Background tasks that are running, 0 or more.</summary>
    public int ActiveBackgroundTasks => _background.Active;

    /// <summary>A client by arguments, environment, .env and key files, in this order. Throws <see cref="GatewayConfigurationException"/>.</summary>
    public static GatewayChatClient FromEnvironment(GatewayArguments? arguments = null, GatewaySources? sources = null) => new(GatewayClientOptions.FromEnvironment(arguments, sources));

    /// <summary>The same for a provider that the program names.</summary>
    /// <param name="provider">As <see cref="GatewayClientOptions.Provider"/>; it wins over LLM_PROVIDER.</param>
    public static GatewayChatClient Create(string provider) => FromEnvironment(new GatewayArguments { Provider = provider });

    /// <summary>One message and its answer. Throws <see cref="GatewayException"/>.</summary>
    /// <param name="message">What the user says.</param>
    /// <param name="instructions">What the system says first; null is nothing.</param>
    /// <param name="options">Functions, temperature and the like; null is none.</param>
    /// <param name="cancellationToken">Ends the call; background tasks go on.</param>
    public async Task<GatewayReply> ChatAsync(string message, string? instructions = null, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var response = await GetResponseAsync([new ChatMessage(ChatRole.User, message)], Instructed(options, instructions), cancellationToken);
        return new GatewayReply(response.Text, response.GetGatewayUsage(), response);
    }

    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= NoOptions;
        var model = Address.ChatModel(_options, options.ModelId);
        var conversation = messages.ToList();
        var answer = new ChatResponse { Messages = [] };
        for (var turns = 1; ; turns++)
        {
            var turn = await AskAsync(conversation, options, model, cancellationToken);
            answer.Messages.Add(turn.Message);
            Note(answer, turn, turns);
            if (await NextAsync(turn.Message, options, turns, cancellationToken) is not { } next) return answer;
            answer.Messages.Add(next.Results);
            if (next.Ends) return next.Reason is { } reason ? With(answer, reason) : answer;
            conversation.Add(turn.Message);
            conversation.Add(next.Results);
        }
    }

    /// <inheritdoc />
    /// <remarks>Pieces come as the model says them; calls of functions and their results in between. The last update has the usage of all turns. A stream that breaks off throws.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= NoOptions;
        var model = Address.ChatModel(_options, options.ModelId);
        var conversation = messages.ToList();
        // The answer so far, for its usage alone.
        var sum = new ChatResponse();
        for (var turns = 1; ; turns++)
        {
            using var limit = new TimeLimit(_options.Timeout, _call.Time, cancellationToken);
            using var operating = ClientTelemetry.Start("chat", _options, model, _endpoint, _call.Time);
            await using var stream = await OpenAsync(conversation, options, model, limit, operating, cancellationToken);
            // Only where functions may be called has the model to be shown again what it said.
            var said = options.Tools is { Count: > 0 } ? new List<ChatResponseUpdate>() : null;
            for (var first = true; await NextAsync(stream, operating) is { } update; first = false)
            {
                if (first) operating.First();
                said?.Add(update);
                yield return update;
            }
            var calls = stream.HasCalls ? stream.Calls.ToList() : [];
            if (calls.Count > 0)
            {
                var update = stream.Update([.. calls]);
                said?.Add(update);
                yield return update;
            }
            var turn = TurnOf(stream, said, calls);
            operating.Succeed(turn);
            Note(sum, turn, turns);
            var next = await NextAsync(turn.Message, options, turns, cancellationToken);
            if (next is { Results: var results }) yield return new ChatResponseUpdate(ChatRole.Tool, results.Contents) { ResponseId = turn.Id, MessageId = $"{turn.Id}:results" };
            if (next is not { Ends: false })
            {
                yield return Last(stream, sum, next?.Reason ?? turn.FinishReason);
                yield break;
            }
            conversation.Add(turn.Message);
            conversation.Add(next.Value.Results);
        }
    }

    /// <summary>True when no background task is running any more; false when the time passed before. Tasks go on either way.</summary>
    /// <param name="timeout">Zero or more, or infinite.</param>
    /// <param name="cancellationToken">Ends the wait, not the tasks.</param>
    public Task<bool> WaitForBackgroundTasksAsync(TimeSpan timeout, CancellationToken cancellationToken = default) => _background.WaitAsync(timeout, cancellationToken);

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType == typeof(OpenAI.Chat.ChatClient) ? _chat
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Waits for background tasks as long as <see cref="GatewayClientOptions.BackgroundShutdown"/> allows, cancels the rest, and closes connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _background.CloseAsync(_options.BackgroundShutdown);
        _own?.Dispose();
    }

    /// <summary>Cancels background tasks and closes connections, at once. <see cref="DisposeAsync"/> waits for them.</summary>
    public void Dispose()
    {
        _background.Dispose();
        _own?.Dispose();
    }

    private async Task<Turn> AskAsync(List<ChatMessage> conversation, ChatOptions options, string model, CancellationToken cancellationToken)
    {
        using var operating = ClientTelemetry.Start("chat", _options, model, _endpoint, _call.Time);
        try
        {
            var body = ChatRequestWriter.Write(conversation, options, _options, model, stream: false);
            using var response = await _call.SendAsync(_chat.CompleteChatAsync, body, model, cancellationToken);
            var turn = TurnReader.Read(response, _call, model);
            operating.Succeed(turn);
            return turn;
        }
        catch (Exception e)
        {
            operating.Fail(e);
            throw;
        }
    }

    private async Task<TurnStream> OpenAsync(List<ChatMessage> conversation, ChatOptions options, string model, TimeLimit limit, ClientTelemetry.Operating operating, CancellationToken cancellationToken)
    {
        try
        {
            var body = ChatRequestWriter.Write(conversation, options, _options, model, stream: true);
            var response = await _call.OpenAsync(_chat.CompleteChatAsync, body, model, limit, cancellationToken);
            return new TurnStream(response, _call, limit, model, cancellationToken);
        }
        catch (Exception e)
        {
            operating.Fail(e);
            throw;
        }
    }

    private static async ValueTask<ChatResponseUpdate?> NextAsync(TurnStream stream, ClientTelemetry.Operating operating)
    {
        try
        {
            return await stream.NextAsync();
        }
        catch (Exception e)
        {
            operating.Fail(e);
            throw;
        }
    }

    /// <summary>What follows a turn: null when it is the answer; otherwise the results of its functions, and whether the answer ends with them, and why.</summary>
    private async ValueTask<(ChatMessage Results, bool Ends, ChatFinishReason? Reason)?> NextAsync(ChatMessage message, ChatOptions options, int turns, CancellationToken cancellationToken)
    {
        if (!message.Contents.Any(content => content is FunctionCallContent)) return null;
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (!FunctionRunner.CanRun(calls, options)) return null;
        var background = FunctionRunner.AreBackground(calls, options);
        // A model that has said its answer and only starts tasks beside it has nothing to add.
        if (background && message.Text.Length > 0) return (await _functions.RunAsync(calls, options, cancellationToken), true, ChatFinishReason.Stop);
        if (turns >= _options.MaxTurns) return (FunctionRunner.Refuse(calls), true, GatewayFinishReason.MaxTurns);
        return (await _functions.RunAsync(calls, options, cancellationToken), false, null);
    }

    private void Note(ChatResponse answer, Turn turn, int turns)
    {
        answer.FinishReason = turn.FinishReason;
        answer.ResponseId = turn.Id;
        answer.ModelId = turn.Model ?? answer.ModelId;
        answer.CreatedAt ??= turn.CreatedAt;
        if (turn.Usage is { } usage)
        {
            if (answer.Usage is null) answer.Usage = usage;
            else answer.Usage.Add(usage);
        }
        var more = answer.AdditionalProperties ??= [];
        more[GatewayUsage.ProviderProperty] = turn.Headers.Provider ?? _options.Slug;
        more[GatewayUsage.TurnsProperty] = turns;
        if (turn.Headers.RequestId is { } id) more[GatewayUsage.RequestIdProperty] = id;
    }

    private static Turn TurnOf(TurnStream stream, List<ChatResponseUpdate>? said, List<FunctionCallContent> calls) => new()
    {
        Message = said is { Count: > 0 } ? new ChatMessage(ChatRole.Assistant, [.. said.ToChatResponse().Messages.SelectMany(message => message.Contents)]) { MessageId = stream.Id } : new ChatMessage(ChatRole.Assistant, [.. calls]),
        FinishReason = stream.FinishReason,
        Usage = stream.Usage,
        Id = stream.Id,
        Model = stream.Model,
        Headers = stream.Headers,
    };

    private static ChatResponseUpdate Last(TurnStream stream, ChatResponse sum, ChatFinishReason? reason)
    {
        var last = stream.Update();
        if (sum.Usage is { } usage) last.Contents.Add(new UsageContent(usage));
        last.FinishReason = reason;
        last.AdditionalProperties = sum.AdditionalProperties;
        return last;
    }

    private static ChatResponse With(ChatResponse answer, ChatFinishReason reason)
    {
        answer.FinishReason = reason;
        return answer;
    }

    private static ChatOptions? Instructed(ChatOptions? options, string? instructions)
    {
        if (instructions is null) return options;
        var own = options?.Clone() ?? new ChatOptions();
        own.Instructions = own.Instructions is { Length: > 0 } more ? $"{instructions}\n\n{more}" : instructions;
        return own;
    }
}
