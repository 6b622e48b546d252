using GatewayOps.EmbeddedPostgres;

namespace GatewayOps.Tests.Support;

/// <summary>The server of all tests of this process: a private one. GatewayOps.Container.Tests has a class of this name in its place, with a container.</summary>
internal sealed class TestDatabaseServer
{
    private readonly EmbeddedPostgresServer _server;

    private TestDatabaseServer(EmbeddedPostgresServer server) => _server = server;

    /// <summary>Starts it in <paramref name="folder"/>; it ends with the process.</summary>
    public static async Task<TestDatabaseServer> StartAsync(string folder)
    {
        var server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = folder, Durable = false }, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return new TestDatabaseServer(server);
    }

    public string ConnectionTo(string database) => _server.ConnectionTo(database);
}
