namespace GatewayOps.ControlPlane.Usage;

/// <summary>Tokens of one answer, as the provider reported them unless <see cref="IsEstimate"/>. <paramref name="Cached"/> is a part of <paramref name="Input"/>, <paramref name="Reasoning"/> of <paramref name="Output"/>.</summary>
public sealed record TokenUsage(long Input, long Output, long? Cached = null, long? Reasoning = null)
{
    /// <summary>Not as reported, or not all of it: a stream ended before it told its usage.</summary>
    public bool IsEstimate { get; init; }
}
