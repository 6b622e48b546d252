namespace GatewayOps.EmbeddedPostgres;

/// <summary>What a private server needs to know. Only <see cref="Folder"/> has no default.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The folder that the server has for itself, made when missing. One running server per folder.</summary>
    public required string Folder { get; init; }

    /// <summary>True: what was committed survives kill -9 and power loss. False: fast, and the folder is deleted when the server is disposed.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Name of the database that <see cref="EmbeddedPostgresServer.ConnectionString"/> leads to, made when missing. Lower-case letters, digits and underscores.</summary>
    public string Database { get; init; } = "gatewayops";

    /// <summary>How long the server may take until it accepts connections; recovery after a crash counts.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Is told before a step that takes long: a download, an installation.</summary>
    public IProgress<string>? Progress { get; init; }
}
