namespace GatewayOps.ControlPlane.Usage;

/// <summary>Tokens of one answer, as the provider reported them unless <see cref="IsEstimate"/>. <paramref name="Cached"/> is a part of <paramref name="Input"/>, <paramref name="Reasoning"/> of <paramref name="Output"/>.</summary>
public sealed record TokenUsage(long Input, long Output, long? Cached = null, long? Reasoning = null)
{
    /// <summary>Of <see cref="Input"/>, those that were written to the provider's prompt cache, where it bills them apart; null where it does not tell.</summary>
    public long? CacheWrites { get; init; }

    /// <summary>Both together, as limits count them. Callers and providers choose these numbers: none of them makes a sum negative.</summary>
    public long Total => Math.Clamp(Input, 0, int.MaxValue) + Math.Clamp(Output, 0, int.MaxValue);

    /// <summary>Not as reported, or not all of it: a stream ended before it told its usage.</summary>
    public bool IsEstimate { get; init; }
}
