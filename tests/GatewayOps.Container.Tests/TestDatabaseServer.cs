using Npgsql;
using Testcontainers.PostgreSql;

namespace GatewayOps.Tests.Support;

/// <summary>In the place of the default tests' private server: PostgreSQL in a container, of the version that docker-compose.yml runs. Without an engine every test fails with its words.</summary>
internal sealed class TestDatabaseServer
{
    private readonly PostgreSqlContainer _container;

    private TestDatabaseServer(PostgreSqlContainer container) => _container = container;

    /// <summary>The folder is the private server's; a container needs none. It ends with the process: the engine's own reaper sees to it where this process is killed.</summary>
    public static async Task<TestDatabaseServer> StartAsync(string folder)
    {
        _ = folder;
        var container = new PostgreSqlBuilder(Image()).WithUsername("gatewayops").Build();
        await container.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => container.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return new TestDatabaseServer(container);
    }

    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder(_container.GetConnectionString()) { Database = database, SslMode = SslMode.Disable }.ToString();

    // GATEWAYOPS_POSTGRES_IMAGE: another version, or one from a registry of yours.
    private static string Image() => Environment.GetEnvironmentVariable("GATEWAYOPS_POSTGRES_IMAGE") is { Length: > 0 } named
        ? named
        : File.ReadLines(Repository.File("docker-compose.yml")).Select(line => line.Trim()).First(line => line.StartsWith("image: postgres:", StringComparison.Ordinal))["image: ".Length..];
}
