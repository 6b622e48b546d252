using System.Diagnostics;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests;

/// <summary>A server of its own, on disk, at an address that stays through kills. Its socket is found by a link, since each start has another folder for it.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly bool _durable;
    private EmbeddedPostgresServer _server = null!;

    private OwnPostgres(bool durable) => _durable = durable;

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = Link }.ConnectionString;

    private string Link => Path.Combine(_folder.Path, "socket");

    /// <param name="durable">What was committed survives a kill.</param>
    public static async Task<OwnPostgres> StartAsync(bool durable)
    {
        var postgres = new OwnPostgres(durable);
        await postgres.StartAgainAsync();
        return postgres;
    }

    public async Task KillAsync()
    {
        using var process = Process.GetProcessById(_server.ProcessId);
        process.Kill();
        await _server.Exited;
        await _server.DisposeAsync();
    }

    public async Task StartAgainAsync()
    {
        _server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = Path.Combine(_folder.Path, "data"), Durable = _durable }, CancellationToken.None);
        File.Delete(Link);
        File.CreateSymbolicLink(Link, new NpgsqlConnectionStringBuilder(_server.ConnectionString).Host!);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
