using System.Net;
using System.Net.Sockets;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>Tells the addresses anybody can be reached at from those that lead inside: into this machine, its network or its cloud's services.</summary>
internal static class PublicAddress
{
    /// <summary>What is reserved for other uses than being reached from anywhere.</summary>
    private static readonly IPNetwork[] ReservedIPv4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>What is given out to be reached at.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>What within that is not, or leads on to an IPv4 address: Teredo and other protocol assignments, documentation, 6to4. (NAT64, mapped and compatible addresses lie outside anyway.)</summary>
    private static readonly IPNetwork[] ReservedIPv6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    internal static bool Is(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Array.Exists(ReservedIPv4, network => network.Contains(address)),
        AddressFamily.InterNetworkV6 when address.IsIPv4MappedToIPv6 => false, // Networks compare these by their IPv4 part.
        AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !Array.Exists(ReservedIPv6, network => network.Contains(address)),
        _ => false,
    };
}
