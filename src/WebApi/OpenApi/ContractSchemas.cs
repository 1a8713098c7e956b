using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>Names the definition of <see cref="ConfigurationSchema"/> whose shape a member's JSON has, <c>null</c> for any JSON at all. Without it, it is any object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ShapeAttribute(string? name) : Attribute
{
    internal string? Name { get; } = name;
}

/// <summary>Marks a request of which unknown members are refused.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ClosedAttribute : Attribute;

/// <summary>JSON that is passed on as it is, where the document has to say what it is.</summary>
/// <param name="Shape">See <see cref="ShapeAttribute"/>.</param>
internal sealed record FreeJson(string? Shape, bool IsNullable)
{
    private const string Key = nameof(FreeJson);

    internal static bool Is(Type? type) => type == typeof(JsonElement) || type == typeof(RawJson);

    /// <returns>What <see cref="Note"/> has left on the schema; <c>null</c> for others.</returns>
    internal static FreeJson? Of(OpenApiSchema schema) => schema.Metadata is { } notes && notes.TryGetValue(Key, out var note) ? (FreeJson)note : null;

    internal void Note(OpenApiSchema schema) => (schema.Metadata ??= new Dictionary<string, object>())[Key] = this;
}

/// <summary>What the types of requests and answers are called in the document, and what their serialization does not tell it.</summary>
internal static class ContractSchemas
{
    private const string Answer = "Response";

    /// <returns>The type's name without the suffix of answers; <c>null</c> for what is shown in place.</returns>
    internal static string? NameOf(JsonTypeInfo type)
    {
        if (FreeJson.Is(Nullable.GetUnderlyingType(type.Type) ?? type.Type)) return null;
        if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Page<>)) return $"{WithoutSuffix(type.Type.GenericTypeArguments[0].Name)}Page";
        return OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? WithoutSuffix(name) : null;
    }

    internal static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var (info, property) = (context.JsonTypeInfo, context.JsonPropertyInfo);
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        var isNullable = type != info.Type;
        if (FreeJson.Is(type)) (AttributeOf<ShapeAttribute>(property) is { } shape ? new FreeJson(shape.Name, isNullable) : AnyObject(isNullable)).Note(schema);
        if (FreeJson.Is(info.ElementType)) AnyObject(isNullable: false).Note((OpenApiSchema)(schema.Items = new OpenApiSchema()));
        if (type == typeof(DateTimeOffset)) schema.Type = JsonSchemaType.String | (isNullable ? JsonSchemaType.Null : 0);
        if (type.IsEnum) schema.Type = JsonSchemaType.String;
        if (type.IsDefined(typeof(ClosedAttribute), false)) schema.AdditionalPropertiesAllowed = false;
        foreach (var absent in info.Properties.Where(member => AttributeOf<JsonIgnoreAttribute>(member) is { Condition: JsonIgnoreCondition.WhenWritingNull })) LeaveOut(schema, absent.Name);
        return Task.CompletedTask;
    }

    private static FreeJson AnyObject(bool isNullable) => new(ConfigurationSchema.AnyObject, isNullable);

    /// <summary>What is not written where it is null is absent then.</summary>
    private static void LeaveOut(OpenApiSchema schema, string name)
    {
        schema.Required?.Remove(name);
        if (schema.Properties?[name] is OpenApiSchema { Type: { } type } member) member.Type = type & ~JsonSchemaType.Null;
    }

    private static T? AttributeOf<T>(JsonPropertyInfo? property)
        where T : Attribute => property?.AttributeProvider?.GetCustomAttributes(typeof(T), false).OfType<T>().SingleOrDefault();

    private static string WithoutSuffix(string name) => name.EndsWith(Answer, StringComparison.Ordinal) ? name[..^Answer.Length] : name;
}
