using System.Reflection;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>The migrations of this build, as its assembly names them: to compare them with those of a database takes two short queries, where EF Core builds its model first.</summary>
public static class KnownMigrations
{
    private const string Key = "Migration:";
    private const string Designer = ".Designer";

    /// <summary>In order.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        .. typeof(KnownMigrations).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Where(metadata => metadata.Key.StartsWith(Key, StringComparison.Ordinal))
            .Select(metadata => metadata.Key[Key.Length..^Designer.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Those that the database lacks, in order.</summary>
    public static async Task<IReadOnlyList<string>> PendingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var there = new NpgsqlCommand("""select to_regclass('"__EFMigrationsHistory"') is not null""", connection))
        {
            if (await there.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return Ids;
            }
        }

        var applied = new HashSet<string>();
        await using var history = new NpgsqlCommand("select \"MigrationId\" from \"__EFMigrationsHistory\"", connection);
        await using var reader = await history.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0));
        }

        return [.. Ids.Where(id => !applied.Contains(id))];
    }
}
