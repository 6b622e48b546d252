namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>Where a request falls on the line of a split: even from 0 to below 100, and the same sequence for the same seed.</summary>
public sealed class RouteChance(EmulatorOptions options)
{
    private readonly Lock _lock = new();
    private readonly Random _random = options.RouteSeed is { } seed ? new Random(seed) : new Random();

    public double Next()
    {
        lock (_lock)
            return _random.NextDouble() * 100;
    }
}
