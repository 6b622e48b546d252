using System.Collections.Frozen;
using System.Text.Json;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>
/// One way of asking and answering: an operation, what its requests must hold, what makes its streams whole, where it tells usage, and how it words an error.
/// A dialect is one row of this table; nothing else asks which one it is.
/// </summary>
public sealed record Dialect
{
    public static Dialect Chat { get; } = new()
    {
        Operation = Operations.Chat,
        Bounds = RequestBounds.Chat,
        HasUsageOption = true,
        HasTemperature = true,
        Done = StreamSignal.Finished,
        AsStream = WholeAsStream.Of,
    };

    public static Dialect Completions { get; } = Chat with
    {
        Operation = Operations.Completions,
        Bounds = RequestBounds.Completions,
        AsStream = WholeAsStream.OfText,
        StandIn = new()
        {
            Dialect = Chat,
            Refusal = CompletionThroughChat.Refusal,
            Request = CompletionThroughChat.Request,
            Answer = CompletionThroughChat.Answer,
            Event = CompletionThroughChat.Event,
        },
    };

    public static Dialect Embeddings { get; } = new()
    {
        Operation = Operations.Embeddings,
        Bounds = RequestBounds.Embeddings,
        Streams = false,
        Estimate = UsageEstimate.OfInput,
    };

    public static Dialect Responses { get; } = new()
    {
        Operation = Operations.Responses,
        Bounds = RequestBounds.Responses,
        Holder = Utf8("response"),
        EventTypes =
        [
            (Utf8("response.completed"), StreamSignal.End), (Utf8("response.incomplete"), StreamSignal.End),
            (Utf8("response.failed"), StreamSignal.Failure), (Utf8("error"), StreamSignal.Failure),
        ],
        ErrorEvent = (error, number) => Event(new { type = "error", code = error.Code, message = error.Message, param = error.Param, sequence_number = number + 1 }),
    };

    public static Dialect Messages { get; } = new()
    {
        Operation = Operations.Messages,
        Bounds = RequestBounds.Messages,
        Holder = Utf8("message"),
        EventTypes = [(Utf8("message_stop"), StreamSignal.End), (Utf8("error"), StreamSignal.Failure)],
        ErrorBody = error => JsonSerializer.SerializeToUtf8Bytes(AnthropicError.Of(error.Status, error.Message), Json),
        ErrorEvent = (error, _) => Event(AnthropicError.Of(error.Status, error.Message)),
        HasTypedErrors = true,
    };

    /// <summary>
    /// Workers AI's own: the model is in the address, which is Cloudflare's, so that it is none of <see cref="All"/>. A whole answer stands in `result`; of what is streamed, `response` holds a
    /// piece of text. Images and sounds are answered as they are. Source: Cloudflare contract, section 16.
    /// </summary>
    public static Dialect WorkersAi { get; } = new()
    {
        Operation = Operations.Run,
        Path = "/client/v4/accounts/{account}/ai/run/{model}",
        Bounds = new RequestBounds { Required = [], Numbers = [] },
        Holder = Utf8("response"),
        Envelope = Utf8("result"),
        NamesModel = false,
        AnswersBytes = true,
        Done = StreamSignal.End,
        ErrorBody = CloudflareEnvelope.Of,
        Reworded = CloudflareEnvelope.OfFailure,
    };

    private static readonly FrozenDictionary<string, Dialect> ByOperation =
        new[] { Chat, Completions, Embeddings, Responses, Messages, WorkersAi }.ToFrozenDictionary(dialect => dialect.Operation);

    private static readonly Dialect[] WithEndpoint = [Chat, Completions, Embeddings, Responses, Messages];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The dialects that have an endpoint under /v1.</summary>
    public static IReadOnlyList<Dialect> All => WithEndpoint;

    /// <summary>One of <see cref="Operations"/>. Rules match it.</summary>
    public required string Operation { get; init; }

    public string Path { get => field ?? "/v1" + Operation; init; }

    public required RequestBounds Bounds { get; init; }

    /// <summary>Whether `stream` is a member of its requests.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>Whether its streams tell usage when `stream_options.include_usage` asks for it.</summary>
    public bool HasUsageOption { get; init; }

    /// <summary>Whether the setting for requests without a temperature is meant for it.</summary>
    public bool HasTemperature { get; init; }

    /// <summary>What `[DONE]` says; nothing where it is no terminal event.</summary>
    public StreamSignal Done { get; init; }

    /// <summary>The types of events that end a stream, in UTF-8.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Type, StreamSignal Signal)> EventTypes { get; init; } = [];

    /// <summary>The member of an event that holds the answer it speaks of, in UTF-8; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Holder { get; init; }

    /// <summary>The member of a whole answer that holds what a model said, beside `success`; in UTF-8, empty where there is none.</summary>
    public ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>Whether `model` is a member of its requests.</summary>
    public bool NamesModel { get; init; } = true;

    /// <summary>Whether an answer may be something else than JSON.</summary>
    public bool AnswersBytes { get; init; }

    /// <summary>Tells a whole answer as a stream, with usage or without it; null where that is not known.</summary>
    public Func<ReadOnlyMemory<byte>, bool, byte[]>? AsStream { get; init; }

    /// <summary>What a request may use, before it is asked.</summary>
    public Func<JsonElement, string, TokenUsage> Estimate { get; init; } = UsageEstimate.Of;

    /// <summary>The body of an error.</summary>
    public Func<OpenAiError, byte[]> ErrorBody { get; init; } = error => error.ToUtf8();

    /// <summary>A provider's error of another shape as callers of this dialect expect it; null for one that it cannot read.</summary>
    public Func<ReadOnlyMemory<byte>, byte[]?> Reworded { get; init; } = _ => null;

    /// <summary>The event that tells an error within a stream; the number is that of the event before it.</summary>
    public Func<OpenAiError, long, byte[]> ErrorEvent { get; init; } = (error, _) => SseEvent.Of(error.ToUtf8());

    /// <summary>Whether an error says so in its `type`, too.</summary>
    public bool HasTypedErrors { get; init; }

    /// <summary>How providers without this dialect answer it; null where they cannot.</summary>
    public StandIn? StandIn { get; init; }

    /// <summary>The dialect of an operation that has an endpoint.</summary>
    public static Dialect Of(string operation) => ByOperation[operation];

    /// <summary>The dialect of a path, with a slash behind it or without, as routing has it; or null.</summary>
    public static Dialect? At(PathString path) =>
        path.StartsWithSegments("/v1", out var operation) && operation.Value is { } name ? Array.Find(WithEndpoint, dialect => name.AsSpan().TrimEnd('/').Equals(dialect.Operation, StringComparison.OrdinalIgnoreCase))
        : path.StartsWithSegments("/client/v4") ? WorkersAi
        : null;

    /// <summary>In which dialect a provider is asked for this one; null where it cannot be.</summary>
    public Dialect? For(UpstreamProvider provider) =>
        provider.Has(Operation) ? this : StandIn?.Dialect.For(provider);

    /// <summary>A provider's error as callers of this dialect expect it, as it came or reworded; null where it cannot be told so.</summary>
    public ReadOnlyMemory<byte>? OwnError(ReadOnlyMemory<byte> body)
    {
        if (AnswerFacts.Read(body.Span, this) is { IsError: true } facts && (!HasTypedErrors || facts.Signal is StreamSignal.Failure))
        {
            return body;
        }

        // Not `null`, which is an empty memory here.
        return Reworded(body) is { } reworded ? reworded : default(ReadOnlyMemory<byte>?);
    }

    internal StreamSignal SignalOf(ref Utf8JsonReader type)
    {
        foreach (var (name, signal) in EventTypes)
        {
            if (type.TokenType is JsonTokenType.String && type.ValueTextEquals(name.Span))
            {
                return signal;
            }
        }

        return StreamSignal.None;
    }

    private static byte[] Event(object error) => SseEvent.Of(JsonSerializer.SerializeToUtf8Bytes(error, Json), "error"u8);

    private static ReadOnlyMemory<byte> Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
