using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>The service has no database to work with. The message is one line without a secret: what is wrong, and the fix.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    internal static StorageUnavailableException NotConfigured() => new(
        $"{StorageFeature.Setting} is not set: set it to PostgreSQL's connection string, such as Host=db;Database=gatewayops;Username=gatewayops;Password=..., or run `gatewayops dev`, which brings its own server");

    // The parser's own message may quote a piece of the password.
    internal static StorageUnavailableException NotReadable() => new(
        $"{StorageFeature.Setting} is not a connection string of PostgreSQL: write it as Host=db;Database=gatewayops;Username=gatewayops;Password=..., with quotes around a value that has a semicolon");

    internal static StorageUnavailableException From(NpgsqlException failure, NpgsqlDataSource source)
    {
        var connection = new NpgsqlConnectionStringBuilder(source.ConnectionString); // the source keeps the password to itself
        var where = $"{connection.Host}:{connection.Port}, database {connection.Database}";
        return failure switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new($"The database does not exist ({where}): create it, or correct {StorageFeature.Setting}", failure),
            PostgresException refused => new($"PostgreSQL refuses the service ({where}; {refused.SqlState} {refused.MessageText}): correct {StorageFeature.Setting}", failure),
            _ => new($"PostgreSQL does not answer ({where}; {failure.GetBaseException().Message}): start it, or correct {StorageFeature.Setting}", failure),
        };
    }
}
