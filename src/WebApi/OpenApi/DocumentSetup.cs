using DataPipeline.Application.Processing;
using DataPipeline.WebApi.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The document that describes the API.</summary>
internal static class DocumentSetup
{
    internal const string Name = "v1";

    internal static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
        options.CreateSchemaReferenceId = ContractSchemas.NameOf;
        options.AddSchemaTransformer(ContractSchemas.Complete);
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "DataPipeline",
                Version = Name,
                Description = "Runs configurable pipelines over batches of JSON records. Create a pipeline, start it, submit batches of records, read what was delivered and what failed.",
                Contact = new OpenApiContact { Name = "The operator of this service" },
            };
            document.Servers = [new OpenApiServer { Url = "/", Description = "The service that shows this document." }];
            document.Tags = new HashSet<OpenApiTag>
            {
                new() { Name = ApiTags.Pipelines, Description = "What is done with records: defined, tried, started, stopped, watched." },
                new() { Name = ApiTags.Batches, Description = "Records on their way through a pipeline, and what became of them." },
                new() { Name = ApiTags.Catalogue, Description = "The types that configurations may name, those of plugins too." },
            };
            document.AddComponent<IOpenApiSecurityScheme>(ApiKeyAuthentication.SchemeName, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ApiKeyAuthentication.Header,
                Description = "A key of the form dpk_…, made by whoever runs the service. It belongs to an owner, who sees nothing of other owners.",
            });
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthentication.SchemeName, document)] = [] }];
            var services = context.ApplicationServices;
            ConfigurationSchemas.AddTo(document, services.GetRequiredService<IProcessorCatalog>(), services.GetRequiredService<IDestinationCatalog>());
            SchemaStyle.ApplyTo(document);
            return Task.CompletedTask;
        });
    }
}
