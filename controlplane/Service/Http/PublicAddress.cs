using System.Net;
using System.Net.Sockets;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// Which addresses belong to the public Internet. The address of a webhook or a provider is a setting, but its name is resolved by somebody else: what it leads to is checked
/// when it is connected to. Sources: the IANA registries of special-purpose addresses; the metadata addresses of the large clouds.
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", // this host
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // private
            "100.64.0.0/10", // carrier-grade NAT; a metadata address (100.100.100.200), too
            "127.0.0.0/8", // loopback
            "168.63.129.16/32", // Azure's host, from within its machines
            "169.254.0.0/16", // link-local; the metadata address of most clouds
            "192.0.0.0/24", // protocol assignments; a metadata address (192.0.0.192), too
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays
            "198.18.0.0/15", // benchmarks
            "224.0.0.0/4", // multicast
            "240.0.0.0/4", // reserved, and broadcast
            "2001::/23", // protocol assignments, Teredo among them
            "2001:db8::/32", "3fff::/20", // documentation
            "2002::/16", // 6to4: an IPv4 address inside
        }.Select(range => IPNetwork.Parse(range)),
    ];

    // All of IPv6 that is given out for the Internet. Outside are ::, ::1, mapped and translated IPv4 (64:ff9b::/96), fc00::/7, fe80::/10, fec0::/10 and multicast.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(plain)) && !Array.Exists(NotPublic, range => range.Contains(plain));
    }
}
