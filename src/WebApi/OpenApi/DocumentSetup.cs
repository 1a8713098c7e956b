using DataPipeline.WebApi.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The document that describes the API, and the page that shows it.</summary>
internal static class DocumentSetup
{
    internal static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo { Title = "DataPipeline", Version = "v1", Description = "Configurable pipelines over batches of JSON records." };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[ApiKeyAuthentication.SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = ApiKeyAuthentication.Header };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthentication.SchemeName, document)] = [] }];
        return Task.CompletedTask;
    });

    /// <summary>The page comes from this service alone: no fonts, no telemetry and no assistant of other hosts.</summary>
    internal static void ConfigurePage(ScalarOptions page)
    {
        page.Title = "DataPipeline";
        page.DefaultFonts = false;
        page.Telemetry = false;
        page.Agent = new ScalarAgentOptions { Disabled = true };
        page.Mcp = new ScalarMcpOptions { Disabled = true };
    }
}
