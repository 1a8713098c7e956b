using System.Net;
using DataPipeline.WebApi.Security;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>Whose failed attempts are counted together.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2::ffff", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::ffff", "2001:db8:1:3::")]
    [InlineData("fe80::1%3", "fe80::")]
    [InlineData("::1", "::")]
    public void AnIPv6Client_IsItsNetworkOf64Bits_AnIPv4ClientItsAddress(string address, string client) => Assert.Equal(client, ClientAddress.NetworkOf(IPAddress.Parse(address)));

    [Fact]
    public void ConnectionsWithoutAnAddress_AreOneClient() => Assert.Equal("", ClientAddress.NetworkOf(null));
}
