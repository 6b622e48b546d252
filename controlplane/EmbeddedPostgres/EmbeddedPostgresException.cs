namespace GatewayOps.EmbeddedPostgres;

/// <summary>The private server cannot be had. The message says what failed, why, and what to do next.</summary>
public sealed class EmbeddedPostgresException(string what, string why, string next, Exception? inner = null)
    : Exception($"{what}: {why.TrimEnd('.', ' ', '\n')}. {next}", inner)
{
    /// <summary>The step that would put it right.</summary>
    public string Next { get; } = next;
}
