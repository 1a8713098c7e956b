using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace DataPipeline.WebApi.Hosting;

/// <summary>Whose word is taken for who a client is: section <c>ForwardedHeaders</c>.</summary>
internal sealed class TrustedProxiesOptions
{
    internal const string Section = "ForwardedHeaders";

    internal const string Rule = "ForwardedHeaders:KnownProxies must be addresses or networks, like 10.0.0.7 or 10.0.0.0/8.";

    /// <summary>
    /// Addresses or networks (<c>10.0.0.0/8</c>) of the proxies in front of the service: from them, and nobody else, <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>
    /// are believed. Default: none. Whoever can reach the service past a proxy must not be among them, or could pass for any address.
    /// </summary>
    public IReadOnlyList<string> KnownProxies { get; set; } = [];

    /// <summary>How many proxies a request comes through, 1 to 10; default 1. What the headers say beyond that is the client's own word.</summary>
    [Range(1, 10)]
    public int ForwardLimit { get; set; } = 1;

    internal bool IsValid => KnownProxies.All(proxy => NetworkOf(proxy) is not null);

    internal IEnumerable<IPNetwork> Networks => KnownProxies.Select(NetworkOf).OfType<IPNetwork>();

    private static IPNetwork? NetworkOf(string proxy)
    {
        if (IPAddress.TryParse(proxy, out var address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return IPNetwork.TryParse(proxy, out var network) ? network : null;
    }
}

internal static class TrustedProxies
{
    internal static void UseTrustedProxies(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<IOptions<TrustedProxiesOptions>>().Value;
        if (proxies.KnownProxies.Count == 0) return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = proxies.ForwardLimit };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in proxies.Networks) options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
