using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>Writes in the manner of OpenAPI 3.0, where nothing may stand beside a reference and no type is null, what the generator says in that of 3.1.</summary>
internal static class SchemaStyle
{
    internal static void ApplyTo(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas!.Values.OfType<OpenApiSchema>()) ApplyInside(schema, document);
    }

    private static void ApplyInside(OpenApiSchema schema, OpenApiDocument document)
    {
        foreach (var (name, member) in schema.Properties?.ToList() ?? []) schema.Properties![name] = Apply(member, document);
        if (schema.Items is { } items) schema.Items = Apply(items, document);
    }

    private static IOpenApiSchema Apply(IOpenApiSchema schema, OpenApiDocument document)
    {
        if (schema is OpenApiSchemaReference reference) return Refer(reference, isNullable: false, document);
        var inline = (OpenApiSchema)schema;
        if (inline.OneOf is [OpenApiSchema { Type: JsonSchemaType.Null }, OpenApiSchemaReference other]) return Refer(other, isNullable: true, document);
        if (FreeJson.Of(inline) is { } json) return Free(json, inline.Description, document);
        ApplyInside(inline, document);
        return inline;
    }

    private static IOpenApiSchema Free(FreeJson json, string? description, OpenApiDocument document) =>
        json.Shape is { } shape ? Beside(new OpenApiSchemaReference(shape, document), description, json.IsNullable) : new OpenApiSchema { Description = description };

    private static IOpenApiSchema Refer(OpenApiSchemaReference reference, bool isNullable, OpenApiDocument document) =>
        Beside(new OpenApiSchemaReference(reference.Reference.Id!, document), reference.Reference.Description, isNullable);

    private static IOpenApiSchema Beside(OpenApiSchemaReference reference, string? description, bool isNullable)
    {
        if (isNullable) return new OpenApiSchema { Description = description, AnyOf = [reference, Nothing()] };
        return description is null ? reference : new OpenApiSchema { Description = description, AllOf = [reference] };
    }

    /// <summary>A schema of null alone. "nullable" beside a reference would not do: what it refers to is not null.</summary>
    private static OpenApiSchema Nothing() => new() { Type = JsonSchemaType.Object | JsonSchemaType.Null, Enum = [JsonNullSentinel.JsonNull] };
}
