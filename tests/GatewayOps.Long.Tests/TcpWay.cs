using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace GatewayOps.Long.Tests;

/// <summary>
/// A way to the database that can be closed: bytes and new connections wait, nobody is told, as with a network that drops packets. What waited goes on when
/// it is opened.
/// </summary>
internal sealed class TcpWay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _target;
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TcpWay(NpgsqlConnectionStringBuilder target)
    {
        _target = target;
        _open.SetResult();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        ConnectionString = new NpgsqlConnectionStringBuilder(target.ConnectionString) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndPoint!).Port }.ConnectionString;
        _ = AcceptAsync();
    }

    /// <summary>The target's, by this way.</summary>
    public string ConnectionString { get; }

    public static TcpWay To(NpgsqlConnectionStringBuilder target) => new(target);

    public void Close() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the way.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using (client)
        {
            try
            {
                // The private server listens in a folder.
                var isFolder = _target.Host!.StartsWith('/');
                using var server = isFolder ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await _open.Task.WaitAsync(_stop.Token);
                await server.ConnectAsync(isFolder ? new UnixDomainSocketEndPoint($"{_target.Host}/.s.PGSQL.{_target.Port}") : new IPEndPoint(IPAddress.Parse(_target.Host), _target.Port), _stop.Token);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // One side is gone, and with it the other.
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token)) > 0)
        {
            await _open.Task.WaitAsync(_stop.Token);
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, _stop.Token);
            }
        }
    }
}
