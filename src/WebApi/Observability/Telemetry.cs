using System.Reflection;
using DataPipeline.Application.Observability;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DataPipeline.WebApi.Observability;

/// <summary>
/// What is measured and traced, and where it goes: metrics to whoever reads <c>/metrics</c>, metrics and traces by OTLP where the variables of OpenTelemetry
/// name an endpoint. <c>OTEL_SDK_DISABLED=true</c> turns all of it off.
/// </summary>
internal static class Telemetry
{
    private const string ServiceName = "datapipeline";
    private const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>The framework's and the database client's instruments, by the names under which they document them.</summary>
    private static readonly string[] Meters =
    [
        ServiceMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "Npgsql", "System.Runtime",
    ];

    internal static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var telemetry = services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddPrometheusExporter();
            if (IsExported(configuration, "METRICS")) metrics.AddOtlpExporter();
        });
        if (!IsExported(configuration, "TRACES")) return;
        telemetry.WithTracing(traces => traces
            .AddSource(ServiceTraces.SourceName, "Npgsql")
            .AddAspNetCoreInstrumentation(requests => requests.Filter = http => !Monitoring.IsProbe(http))
            .AddProcessor<RedactingProcessor>()
            .AddOtlpExporter());
    }

    /// <summary>Where the metrics are read, in the format of Prometheus.</summary>
    internal static void MapMetrics(this WebApplication app)
    {
        if (string.Equals(app.Configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase)) return;
        app.MapPrometheusScrapingEndpoint(Monitoring.MetricsPath).WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).DisableHttpMetrics();
    }

    private static bool IsExported(IConfiguration configuration, string signal) => !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) && configuration[$"OTEL_{signal}_EXPORTER"] != "none";

    /// <summary>What the environment says of the service comes last, and so wins.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService(ServiceName, serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddEnvironmentVariableDetector();
}
