namespace DataPipeline.WebApi.Observability;

/// <summary>Section <c>Monitoring</c>.</summary>
internal sealed class MonitoringOptions
{
    internal const string Section = "Monitoring";

    internal const string Rule = "Monitoring:Url must be like http://127.0.0.1:9090 or http://*:9090: http, an address and a port from 1 to 65535, and nothing behind it.";

    /// <summary>
    /// Where <c>/health/ready</c> and <c>/metrics</c> are answered instead of where the API is, for example <c>http://127.0.0.1:9090</c>; nothing but they and
    /// <c>/health/live</c> is answered there. Default: none, they are answered beside the API.
    /// </summary>
    public string? Url { get; set; }

    internal bool IsValid => Url is null or "" || Port is not null;

    /// <summary>The port of <see cref="Url"/>; <c>null</c> where there is none, or it cannot be used.</summary>
    internal int? Port
    {
        get
        {
            if (string.IsNullOrEmpty(Url)) return null;
            try
            {
                return BindingAddress.Parse(Url) is { Scheme: "http", PathBase: "", IsUnixPipe: false, IsNamedPipe: false, Port: > 0 and <= 65_535 } address && HasPort(Url, address.Port) ? address.Port : null;
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    /// <summary>An address without a port has one by its scheme, which nobody means here.</summary>
    private static bool HasPort(string url, int port) => url.TrimEnd('/').EndsWith($":{port}", StringComparison.Ordinal);
}
