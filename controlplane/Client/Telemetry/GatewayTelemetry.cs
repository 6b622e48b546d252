namespace GatewayOps.Client;

/// <summary>What to give to OpenTelemetry: `AddSource(GatewayTelemetry.Name)` and `AddMeter(GatewayTelemetry.Name)`.</summary>
public static class GatewayTelemetry
{
    /// <summary>The name of the activity source and of the meter. Names within follow OpenTelemetry's conventions for generative AI, schema 1.42.0; prompts and answers are in neither.</summary>
    public const string Name = "GatewayOps.Client";
}
