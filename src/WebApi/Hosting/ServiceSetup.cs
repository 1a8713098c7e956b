using DataPipeline.Application;
using DataPipeline.Application.Observability;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure;
using DataPipeline.Infrastructure.Settings;
using DataPipeline.WebApi.Endpoints;
using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.Observability;
using DataPipeline.WebApi.OpenApi;
using DataPipeline.WebApi.RateLimiting;
using DataPipeline.WebApi.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Hosting;

/// <summary>Puts the service together.</summary>
internal static class ServiceSetup
{
    /// <summary>What the server takes of a body before anybody reads it: hundreds of submissions may be waiting for that.</summary>
    private const int RequestBufferSize = 256 << 10;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    internal static WebApplicationBuilder AddDataPipeline(this WebApplicationBuilder builder)
    {
        builder.Logging.AddJsonLines();
        builder.AddMonitoring();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // Whoever reads a body bounds it, after decompression.
            kestrel.Limits.MaxRequestBufferSize = RequestBufferSize;
        });
        builder.Services.AddTelemetry(builder.Configuration);
        builder.Services.AddApplication().AddInfrastructure(builder.Configuration).AddApi(builder.Configuration);
        DocumentGeneration.DoNothingElse(builder.Services);
        return builder;
    }

    internal static WebApplication UseDataPipeline(this WebApplication app)
    {
        // The host does it too, but makes all its services first, some of which cannot be made of settings that are wrong.
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.UseTrustedProxies();
        app.UseMiddleware<RequestEnvelope>();
        app.UseDocumentPage();
        app.UseRouting();
        app.UseMonitoring();
        app.MapHealth();
        app.MapMetrics();
        if (!app.Configuration.IsOn($"{ApiOptions.Section}:{nameof(ApiOptions.Enabled)}")) return app;

        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<RequestScope>();
        app.UseRateLimiter();
        app.MapGet($"/openapi/{DocumentSetup.Name}.json", ServedDocument.Answer).AllowAnonymous().ExcludeFromDescription();
        app.MapDocumentPage().AllowAnonymous();
        app.MapApi();
        return app;
    }

    private static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1")
            .AddEndpointFilter(Binding.RequireId("pipelineId", PipelineErrors.NotFound))
            .AddEndpointFilter(Binding.RequireId("batchId", BatchErrors.NotFound))
            .AddEndpointFilter(Binding.RefuseFaults);
        var json = api.MapGroup("").AddEndpointFilter(Acceptance.Require(Acceptance.Json));
        json.MapGroup("").WithTags(ApiTags.Pipelines).MapPipelines();
        json.MapGroup("").WithTags(ApiTags.Batches).MapBatches();
        json.MapGroup("").WithTags(ApiTags.Catalogue).MapCatalogue();
        api.MapGroup("").WithTags(ApiTags.Batches).AddEndpointFilter(Acceptance.Require(Acceptance.Json, Acceptance.NdJson)).MapRecords();
        api.MapGroup("").AddEndpointFilter(Acceptance.Require(Acceptance.EventStream)).MapEvents();
    }

    private static void AddApi(this IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddSettings<ApiOptions>(configuration, ApiOptions.Section).AddOptions<ApiOptions>()
            .Validate<IConfiguration>((api, settings) => api.Enabled || settings.IsOn("Worker:Enabled"), "Api:Enabled and Worker:Enabled are both false: there would be nothing for this process to do.");
        services.AddSettings<MonitoringOptions>(configuration, MonitoringOptions.Section).AddOptions<MonitoringOptions>().Validate(options => options.IsValid, MonitoringOptions.Rule);
        services.AddSettings<TrustedProxiesOptions>(configuration, TrustedProxiesOptions.Section).AddOptions<TrustedProxiesOptions>().Validate(options => options.IsValid, TrustedProxiesOptions.Rule);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.PostConfigure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false); // Filters answer what cannot be bound.
        services.ConfigureHttpJsonOptions(json => JsonSetup.Configure(json.SerializerOptions));
        services.AddHostedService<Draining>();
        if (!configuration.IsOn($"{ApiOptions.Section}:{nameof(ApiOptions.Enabled)}")) return;

        services.AddHostedService<DevelopmentGreeting>();
        services.AddAuthentication(ApiKeyAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(ApiKeyAuthentication.Policy);
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IRateLimiter, ServiceMetrics, IOptions<RateLimitingOptions>>(ApiRateLimiter.Configure);
        services.AddOpenApi(DocumentSetup.Name, DocumentSetup.Configure).AddSingleton<ServedDocument>();
    }
}
