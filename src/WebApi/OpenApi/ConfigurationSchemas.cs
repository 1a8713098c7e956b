using System.Text.Json.Nodes;
using DataPipeline.Application.Processing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>Brings the schemas of configurations into the document.</summary>
internal static class ConfigurationSchemas
{
    internal static void AddTo(OpenApiDocument document, IProcessorCatalog processors, IDestinationCatalog destinations)
    {
        foreach (var (name, definition) in ConfigurationSchema.Definitions(processors, destinations)) document.AddComponent<IOpenApiSchema>(name, Read(definition, document));
        foreach (var name in ConfigurationSchema.UnionsByType)
        {
            var union = (OpenApiSchema)document.Components!.Schemas![name];
            union.Discriminator = new OpenApiDiscriminator { PropertyName = "type", Mapping = union.OneOf!.Cast<OpenApiSchemaReference>().ToDictionary(TypeOf) };
        }
    }

    private static OpenApiSchema Read(JsonObject definition, OpenApiDocument document)
    {
        var json = definition.ToJsonString().Replace("#/$defs/", "#/components/schemas/", StringComparison.Ordinal);
        var schema = OpenApiModelFactory.Parse<OpenApiSchema>(json, OpenApiSpecVersion.OpenApi3_1, document, out var diagnostic, "json")!;
        if (diagnostic.Errors.Count > 0) throw new InvalidOperationException($"A definition of configurations cannot be read: {string.Join(" ", diagnostic.Errors)}");
        foreach (var option in schema.Properties?.Values.OfType<OpenApiSchema>() ?? []) ShowSecret(option);
        return schema;
    }

    /// <summary>In the document's terms what is write-only is never answered; secrets are, as <c>"***"</c>.</summary>
    private static void ShowSecret(OpenApiSchema option)
    {
        if (!option.WriteOnly) return;
        option.WriteOnly = false;
        if (option.Type == JsonSchemaType.String) option.Format = "password";
    }

    private static string TypeOf(OpenApiSchemaReference member) => ((OpenApiSchema)member.Target!).Properties!["type"].Enum![0].GetValue<string>();
}
