using DataPipeline.WebApi.Errors;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Observability;

/// <summary>What those who watch the service ask for, and where it is answered.</summary>
internal static class Monitoring
{
    internal const string LivePath = "/health/live";
    internal const string ReadyPath = "/health/ready";
    internal const string MetricsPath = "/metrics";
    private const string HttpPorts = "http_ports";
    private const string HttpsPorts = "https_ports";
    private const string DefaultUrl = "http://localhost:5000";

    /// <summary>Has the server listen at <c>Monitoring:Url</c> too. What is wrong with it is said when the settings are checked.</summary>
    internal static void AddMonitoring(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(MonitoringOptions.Section);
        if (section.Get<MonitoringOptions>() is not { Port: not null, Url: { } url }) return;
        if (builder.Configuration.GetSection("Kestrel:Endpoints").Exists()) builder.Configuration["Kestrel:Endpoints:Monitoring:Url"] = url;
        else builder.WebHost.UseUrls([.. UrlsOf(builder.Configuration), url]);
    }

    /// <summary>Where a process on this machine reaches one of the paths.</summary>
    internal static Uri AddressOf(ConfigurationManager configuration, string path)
    {
        string[] urls = [.. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()];
        if (path != LivePath && configuration[$"{MonitoringOptions.Section}:{nameof(MonitoringOptions.Url)}"] is { Length: > 0 } monitoring) urls = [monitoring];
        var address = BindingAddress.Parse((urls.Length > 0 ? urls : UrlsOf(configuration)).OrderBy(url => url.StartsWith("https", StringComparison.OrdinalIgnoreCase)).First());
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port, path).Uri;
    }

    internal static void UseMonitoring(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<MonitoringOptions>>().Value.Port is not { } port) return;
        app.Use((http, next) => IsAnsweredHere(http, port) ? next(http) : HttpError.RouteNotFound.ExecuteAsync(http));
    }

    /// <summary>Whether the request comes from somebody who watches the service and not from one who uses it.</summary>
    internal static bool IsProbe(HttpContext http) => IsAt(http, LivePath) || IsAt(http, ReadyPath) || IsAt(http, MetricsPath);

    /// <summary>By the port that the request came in at: what it says of its host is its own word.</summary>
    private static bool IsAnsweredHere(HttpContext http, int port) => IsAt(http, LivePath) || (IsAt(http, ReadyPath) || IsAt(http, MetricsPath)) == (http.Connection.LocalPort == port);

    private static bool IsAt(HttpContext http, string path) => http.Request.Path.StartsWithSegments(path);

    /// <summary>Where the server would listen by itself; one address more replaces all that.</summary>
    private static string[] UrlsOf(ConfigurationManager configuration)
    {
        if (Split(configuration[WebHostDefaults.ServerUrlsKey]) is { Length: > 0 } urls) return urls;
        string[] ports = [.. Split(configuration[HttpPorts]).Select(port => $"http://*:{port}"), .. Split(configuration[HttpsPorts]).Select(port => $"https://*:{port}")];
        return ports.Length > 0 ? ports : [DefaultUrl];
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
