using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>What one run came to: a JSON value for `result`, an event stream, or bytes that go out without an envelope.</summary>
public sealed record AiOutcome(double Neurons)
{
    /// <summary>Of the run's `result`.</summary>
    public byte[]? Json { get; init; }

    public EventStream? Events { get; init; }

    public byte[]? Bytes { get; init; }

    /// <summary>Of <see cref="Bytes"/>.</summary>
    public string ContentType { get; init; } = UpstreamReply.JsonType;

    /// <summary>Tokens in and out, for a batch's sum.</summary>
    public (int In, int Out) Tokens { get; init; }
}
