using System.Net;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// Addresses of one's own machines: this one and its private networks. What answers on a cloud's metadata addresses is nobody's machine, so these are none, although some lie within the ranges.
/// Sources: RFC 1918, RFC 4193, RFC 6598; the metadata addresses of the large clouds.
/// </summary>
public static class PrivateAddress
{
    private static readonly IPNetwork[] Own =
        [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7" }.Select(range => IPNetwork.Parse(range))];

    private static readonly IPAddress[] Metadata = [IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254")];

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(Own, range => range.Contains(plain)) && !Metadata.Contains(plain);
    }
}
