namespace GatewayOps.ControlPlane.Usage;

/// <summary>Tokens of one answer as the provider reported them. <paramref name="Cached"/> is a part of <paramref name="Input"/>, <paramref name="Reasoning"/> of <paramref name="Output"/>.</summary>
public sealed record TokenUsage(long Input, long Output, long? Cached = null, long? Reasoning = null);
