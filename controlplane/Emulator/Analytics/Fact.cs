using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics;

/// <summary>What a dataset counts: a logged request, or (without a row) a gateway as it is now.</summary>
public readonly record struct Fact(GatewayState Gateway, LogRow? Row, DateTimeOffset Time);
