namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>The names of the sources, in settings, tables, metrics and answers.</summary>
public static class LogSources
{
    /// <summary>The gateway's logs API, polled.</summary>
    public const string Logs = "logs";

    /// <summary>Workers Observability's telemetry query, polled.</summary>
    public const string Telemetry = "telemetry";

    /// <summary>Spans that the gateway pushes to us.</summary>
    public const string Otlp = "otlp";

    public static readonly IReadOnlyList<string> All = [Logs, Telemetry, Otlp];
}
