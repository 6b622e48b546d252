using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>How a dialect is answered by a provider that only speaks another one.</summary>
public sealed record StandIn
{
    /// <summary>What the provider is asked in.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>Why a request cannot be asked in it; null when it can.</summary>
    public required Func<JsonElement, OpenAiError?> Refusal { get; init; }

    /// <summary>The request with changes, of which the model is one.</summary>
    public required Func<JsonElement, BodyChanges, byte[]> Request { get; init; }

    /// <summary>The whole answer, given that of the provider: a JSON object.</summary>
    public required Func<ReadOnlyMemory<byte>, byte[]> Answer { get; init; }

    /// <summary>The event of a stream, given the data of the provider's: a JSON object that is no error.</summary>
    public required Func<ReadOnlyMemory<byte>, byte[]> Event { get; init; }
}
