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

    /// <summary>A client of what <see cref="GatewayClientOptions.FromEnvironment"/> reads. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="arguments">What the program says itself; null is nothing.</param>
    /// <param name="sources">Where the rest is read from; null is this process's environment and folder.</param>
    public static GatewayChatClient FromEnvironment(GatewayArguments? arguments = null, GatewaySources? sources = null) => new(GatewayClientOptions.FromEnvironment(arguments, sources));

    /// <summary>The same for a provider that the program names. Source: checklist S0-09.</summary>
    /// <param name="provider">As <see cref="GatewayClientOptions.Provider"/>; it wins over LLM_PROVIDER.</param>
    /// <param name="sources">As of <see cref="FromEnvironment"/>.</param>
    public static GatewayChatClient Create(string provider, GatewaySources? sources = null) => FromEnvironment(new GatewayArguments { Provider = provider }, sources);

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
    /// <remarks>
    /// Messages of functions that were run stand before the answer; its usage is of all turns. Throws <see cref="GatewayException"/>, and <see cref="NotSupportedException"/> for parts of a
    /// message and tools that chat completions do not have.
    /// </remarks>
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
            if (await FollowAsync(turn.Message, options, turns, cancellationToken) is not { } next) return answer;
            answer.Messages.Add(next.Results);
            if (next.Ends) return next.Reason is { } reason ? With(answer, reason) : answer;
            conversation.Add(turn.Message);
            conversation.Add(next.Results);
        }
    }

    /// <inheritdoc />
    /// <remarks>Pieces come as the model says them; calls of functions and their results in between. The last update has the usage of all turns. A stream that breaks off throws <see cref="GatewayTruncatedException"/>.</remarks>
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
            Turn turn;
            // The connection is given back, and the activity ended, before functions run.
            using (var limit = new TimeLimit(_options.Timeout, _call.Time, cancellationToken))
            using (var operating = Operating(model))
            await using (var stream = await operating.WatchAsync(OpenAsync(conversation, options, model, limit, cancellationToken)))
            {
                // Only where functions may be called has the model to be shown again what it said.
                var said = options.Tools is { Count: > 0 } ? new List<ChatResponseUpdate>() : null;
                for (var first = true; await operating.WatchAsync(stream.NextAsync()) is { } update; first = false)
                {
                    if (first) operating.First();
                    said?.Add(update);
                    yield return update;
                }
                if (stream.Calls is { Count: > 0 } calls)
                {
                    var update = stream.Update([.. calls]);
                    said?.Add(update);
                    yield return update;
                }
                turn = stream.Turn(new ChatMessage(ChatRole.Assistant, [.. said?.ToChatResponse().Messages.SelectMany(message => message.Contents) ?? []]) { MessageId = stream.Id });
                operating.Succeed(turn);
            }
            Note(sum, turn, turns);
            var next = await FollowAsync(turn.Message, options, turns, cancellationToken);
            if (next is { Results: var results }) yield return new ChatResponseUpdate(ChatRole.Tool, results.Contents) { ResponseId = turn.Id, MessageId = $"{turn.Id}:results" };
            if (next is not { Ends: false })
            {
                yield return Last(turn, sum, next?.Reason ?? turn.FinishReason);
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

    private ClientTelemetry.Operating Operating(string model) => ClientTelemetry.Start("chat", _options.Slug, model, _endpoint, _call.Time);

    private async Task<Turn> AskAsync(List<ChatMessage> conversation, ChatOptions options, string model, CancellationToken cancellationToken)
    {
        using var operating = Operating(model);
        var turn = await operating.WatchAsync(TurnAsync(conversation, options, model, cancellationToken));
        operating.Succeed(turn);
        return turn;
    }

    private async ValueTask<Turn> TurnAsync(List<ChatMessage> conversation, ChatOptions options, string model, CancellationToken cancellationToken)
    {
        var body = ChatRequestWriter.Write(conversation, options, _options, model, stream: false);
        using var response = await _call.SendAsync(_chat.CompleteChatAsync, body, model, cancellationToken);
        return TurnReader.Read(response, _call, model);
    }

    private async ValueTask<TurnStream> OpenAsync(List<ChatMessage> conversation, ChatOptions options, string model, TimeLimit limit, CancellationToken cancellationToken)
    {
        var body = ChatRequestWriter.Write(conversation, options, _options, model, stream: true);
        return new TurnStream(await _call.OpenAsync(_chat.CompleteChatAsync, body, model, limit, cancellationToken), _call, limit, model, cancellationToken);
    }

    /// <summary>What follows a turn: null when it is the answer; otherwise the results of its functions, and whether the answer ends with them, and why.</summary>
    private async ValueTask<(ChatMessage Results, bool Ends, ChatFinishReason? Reason)?> FollowAsync(ChatMessage message, ChatOptions options, int turns, CancellationToken cancellationToken)
    {
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (calls.Count == 0 || !FunctionRunner.CanRun(calls, options)) return null;
        // A model that has said its answer and only starts tasks beside it has nothing to add.
        if (message.Text.Length > 0 && FunctionRunner.AreBackground(calls, options)) return (await _functions.RunAsync(calls, options, cancellationToken), true, ChatFinishReason.Stop);
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
        more[GatewayUsage.CachedTurnsProperty] = (more.GetValueOrDefault(GatewayUsage.CachedTurnsProperty) as int? ?? 0) + (turn.Headers.IsCached ? 1 : 0);
        if (turn.Headers.RequestId is { } id) more[GatewayUsage.RequestIdProperty] = id;
    }

    private static ChatResponseUpdate Last(Turn turn, ChatResponse sum, ChatFinishReason? reason) =>
        new(ChatRole.Assistant, sum.Usage is { } usage ? [new UsageContent(usage)] : [])
        {
            ResponseId = turn.Id,
            MessageId = turn.Id,
            ModelId = turn.Model,
            CreatedAt = turn.CreatedAt,
            FinishReason = reason,
            AdditionalProperties = sum.AdditionalProperties,
        };

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
