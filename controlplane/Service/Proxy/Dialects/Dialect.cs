using System.Collections.Frozen;
using System.Text.Json;
using GatewayOps.ControlPlane.Upstreams;

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
        Streams = true,
        HasUsageOption = true,
        EndsWithDone = true,
        AsStream = WholeAsStream.Of,
        Estimate = UsageEstimate.Of,
    };

    private static readonly FrozenDictionary<string, Dialect> ByOperation = new[] { Chat }.ToFrozenDictionary(dialect => dialect.Operation);

    /// <summary>One of <see cref="Operations"/>. Rules match it.</summary>
    public required string Operation { get; init; }

    public required RequestBounds Bounds { get; init; }

    /// <summary>Whether `stream` is a member of its requests.</summary>
    public required bool Streams { get; init; }

    /// <summary>Whether its streams tell usage when `stream_options.include_usage` asks for it.</summary>
    public bool HasUsageOption { get; init; }

    /// <summary>Whether `[DONE]` ends a stream; it makes the answer whole after a finish_reason.</summary>
    public bool EndsWithDone { get; init; }

    /// <summary>The types of events that end a stream, in UTF-8.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Type, StreamSignal Signal)> EventTypes { get; init; } = [];

    /// <summary>The member of an event that holds the answer it speaks of, in UTF-8; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Holder { get; init; }

    /// <summary>Tells a whole answer as a stream, with usage or without it; null where that is not known.</summary>
    public Func<ReadOnlyMemory<byte>, bool, byte[]>? AsStream { get; init; }

    /// <summary>What a request may use, before it is asked.</summary>
    public required Func<JsonElement, Usage.TokenUsage> Estimate { get; init; }

    /// <summary>The body of an error.</summary>
    public Func<OpenAiError, byte[]> ErrorBody { get; init; } = error => error.ToUtf8();

    /// <summary>The event that tells an error within a stream; the number is that of the event before it.</summary>
    public Func<OpenAiError, long, byte[]> ErrorEvent { get; init; } = (error, _) => [.. "data: "u8, .. error.ToUtf8(), .. "\n\n"u8];

    public static IEnumerable<Dialect> All => ByOperation.Values;

    public static Dialect Of(string operation) => ByOperation[operation];

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
}
