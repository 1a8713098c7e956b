using System.Net;
using System.Net.Sockets;

namespace DataPipeline.WebApi.Security;

/// <summary>What a client cannot easily change of its address.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address as it is, also where it is written as IPv6; of an IPv6 address the network of 64 bits, all of whose addresses are one client's (RFC 6177).</summary>
    /// <param name="address"><c>null</c> where the connection has none; those are one client.</param>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4().ToString();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes).ToString();
    }
}
