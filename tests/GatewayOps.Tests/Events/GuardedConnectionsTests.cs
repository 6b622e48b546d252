using System.Net;
using System.Net.Sockets;
using GatewayOps.ControlPlane.Events;

namespace GatewayOps.Tests.Events;

public sealed class GuardedConnectionsTests
{
    private readonly List<IPEndPoint> _connected = [];

    /// <summary>A name that is public when somebody looks, and loopback when somebody connects.</summary>
    [Fact]
    public async Task Connect_ToANameThatIsRebound_NeverReachesWhatWasNotChecked()
    {
        var lookups = 0;
        var connections = Of([], _ => lookups++ % 2 == 0 ? ["1.1.1.1"] : ["127.0.0.1"]);

        await connections.ConnectAsync(new("hook.example", 443), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<DestinationRefusedException>(() => connections.ConnectAsync(new("hook.example", 443), CancellationToken.None));

        Assert.Equal([new(IPAddress.Parse("1.1.1.1"), 443)], _connected);
        Assert.Equal(2, lookups);
        Assert.Contains("hook.example", refused.Message);
        Assert.Contains("AllowPrivate", refused.Message);
    }

    [Fact]
    public async Task Connect_ToANameOfBothKinds_TakesThePublicAddressesOnly()
    {
        var connections = Of([], _ => ["10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2606:4700:4700::1111"]);

        await connections.ConnectAsync(new("hook.example", 443), CancellationToken.None);

        Assert.Equal(["2606:4700:4700::1111"], _connected.Select(to => to.Address.ToString()));
    }

    [Fact]
    public async Task Connect_FirstAddressDoesNotAnswer_TriesTheNext()
    {
        var connections = new GuardedConnections(new([]), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Parse("1.0.0.1")]), (to, _) =>
        {
            _connected.Add(to);
            return _connected.Count == 1 ? throw new SocketException((int)SocketError.ConnectionRefused) : Task.FromResult(Stream.Null);
        });

        await connections.ConnectAsync(new("hook.example", 443), CancellationToken.None);

        Assert.Equal(["1.1.1.1", "1.0.0.1"], _connected.Select(to => to.Address.ToString()));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    public async Task Connect_ToALiteralAddress_IsCheckedWithoutALookUp(string address)
    {
        var connections = Of([], _ => throw new InvalidOperationException("looked up"));

        await Assert.ThrowsAsync<DestinationRefusedException>(() => connections.ConnectAsync(new(address, 80), CancellationToken.None));
        Assert.Empty(_connected);
    }

    [Theory]
    [InlineData("hook.internal", "10.1.2.3", true)]
    [InlineData("HOOK.internal", "127.0.0.1", true)]
    [InlineData("other.internal", "10.1.2.3", true)]
    [InlineData("other.internal", "::ffff:10.1.2.3", true)]
    [InlineData("other.internal", "10.2.0.1", false)]
    [InlineData("sub.hook.internal", "10.2.0.1", false)]
    [InlineData("other.internal", "192.168.7.7", true)]
    [InlineData("other.internal", "fd00::1", true)]
    public async Task Connect_ToWhatIsAllowed_IsByNameOrRange(string host, string address, bool allowed)
    {
        var connections = Of(["hook.internal", "10.1.0.0/16", "192.168.7.7", "fd00::/64"], _ => [address]);

        var outcome = await Record.ExceptionAsync(() => connections.ConnectAsync(new(host, 443), CancellationToken.None));

        Assert.Equal(allowed, outcome is null);
        Assert.Equal(allowed ? 1 : 0, _connected.Count);
    }

    private GuardedConnections Of(string[] allowed, Func<string, string[]> resolve) => new(
        new AllowedDestinations(allowed),
        (host, _) => Task.FromResult(resolve(host).Select(IPAddress.Parse).ToArray()),
        (to, _) =>
        {
            _connected.Add(to);
            return Task.FromResult(Stream.Null);
        });
}
