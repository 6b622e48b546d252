namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The form of log lines.</summary>
public enum LogFormat
{
    /// <summary>Text in development, JSON elsewhere.</summary>
    Auto,
    Json,
    Text,
}

/// <summary>What the log looks like; its levels are those of `Logging:LogLevel`.</summary>
public sealed class LogOptions
{
    public const string Section = "GatewayOps:Logging";

    public LogFormat Format { get; init; }
}
