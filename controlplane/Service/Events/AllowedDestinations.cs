using System.Diagnostics.CodeAnalysis;
using System.Net;
using GatewayOps.ControlPlane.Http;

namespace GatewayOps.ControlPlane.Events;

/// <summary>What `AllowPrivate` lets through besides the public Internet: hosts by name, and addresses by range.</summary>
public sealed class AllowedDestinations
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _ranges = [];

    public AllowedDestinations(IEnumerable<string> entries)
    {
        foreach (var entry in entries)
        {
            if (TryRange(entry, out var range))
            {
                _ranges.Add(range.Value);
            }
            else
            {
                _hosts.Add(entry);
            }
        }
    }

    /// <summary>A host that is named; plain http may be used to it, too.</summary>
    public bool Names(string host) => _hosts.Contains(host) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IsInRange(address));

    public bool Allows(string host, IPAddress address) => PublicAddress.Is(address) || _hosts.Contains(host) || IsInRange(address);

    public static bool IsEntry(string entry) => TryRange(entry, out _) || Uri.CheckHostName(entry) == UriHostNameType.Dns;

    private bool IsInRange(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _ranges.Exists(range => range.Contains(plain));
    }

    private static bool TryRange(string entry, [NotNullWhen(true)] out IPNetwork? range)
    {
        range = IPNetwork.TryParse(entry, out var network) ? network
            : IPAddress.TryParse(entry, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : null;
        return range is not null;
    }
}
