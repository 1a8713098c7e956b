using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>Says in JSON Schema 2020-12 what <see cref="OptionsBinder"/> takes, from the same <see cref="OptionDescriptor"/>s.</summary>
internal static class OptionsSchema
{
    /// <exception cref="NotSupportedException">An option is of a type that options cannot have.</exception>
    /// <exception cref="MissingMethodException">The options record cannot be made without arguments.</exception>
    internal static JsonElement Of(Type optionsType)
    {
        var defaults = Activator.CreateInstance(optionsType)!;
        var options = OptionDescriptor.AllOf(optionsType);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["type"] = "object",
            ["properties"] = new JsonObject(options.Select(option => KeyValuePair.Create<string, JsonNode?>(option.Name, SchemaOf(option, defaults)))),
        };
        if (options.Any(option => option.IsRequired)) schema["required"] = new JsonArray([.. options.Where(option => option.IsRequired).Select(option => JsonValue.Create(option.Name))]);
        schema["additionalProperties"] = false;
        return schema.Deserialize<JsonElement>();
    }

    private static JsonObject SchemaOf(OptionDescriptor option, object defaults)
    {
        var schema = SchemaOf(option.Property.PropertyType, option);
        if (option.Property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            if (NumberOf(range.Minimum) is { } minimum) schema["minimum"] = minimum;
            if (NumberOf(range.Maximum) is { } maximum) schema["maximum"] = maximum;
        }

        if (option.Property.GetCustomAttribute<DescriptionAttribute>() is { Description: { Length: > 0 } description }) schema["description"] = description;
        if (option.IsSecret) schema["writeOnly"] = true;
        if (!option.IsRequired && ValueOf(option.Property.GetValue(defaults)) is { } value) schema["default"] = value;
        return schema;
    }

    private static JsonObject SchemaOf(Type type, OptionDescriptor option)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(ValueTemplate) || type == typeof(RecordValue)) return [];
        if (type == typeof(string) || type == typeof(FieldPath) || type == typeof(Template) || type == typeof(Regex)) return Typed("string");
        if (type == typeof(RecordSchema)) return new JsonObject { ["anyOf"] = new JsonArray(Typed("object"), Typed("boolean")) };
        if (type == typeof(InnerProcessor)) return ProcessorObject();
        if (type == typeof(bool)) return Typed("boolean");
        if (type == typeof(int) || type == typeof(long)) return Typed("integer");
        if (type == typeof(double)) return Typed("number");
        if (type.IsEnum) return new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(name)))]) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return ListOf(type.GenericTypeArguments[0], option);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = SchemaOf(type.GenericTypeArguments[1], option) };
        throw new NotSupportedException($"{option.Property.DeclaringType}.{option.Property.Name} is of a type that options cannot have: {type}.");
    }

    private static JsonObject ListOf(Type itemType, OptionDescriptor option)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = SchemaOf(itemType, option) };
        if (option.IsRequired) list["minItems"] = 1;
        return option.OneOrMany ? new JsonObject { ["anyOf"] = new JsonArray(SchemaOf(itemType, option), list) } : list;
    }

    /// <summary>A processor as configurations write it. Its options are those of its type.</summary>
    private static JsonObject ProcessorObject() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["type"] = Typed("string"),
            ["tag"] = Typed("string"),
            ["description"] = Typed("string"),
            ["if"] = Typed("object"),
            ["ignoreFailure"] = Typed("boolean"),
            ["onFailure"] = new JsonObject { ["type"] = "array", ["items"] = Typed("object") },
            ["options"] = Typed("object"),
        },
        ["required"] = new JsonArray("type"),
        ["additionalProperties"] = false,
    };

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonValue? NumberOf(object bound) => bound switch
    {
        int number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        _ => null,
    };

    /// <returns>What a configuration would have to say for the value; <c>null</c> where there is none.</returns>
    private static JsonNode? ValueOf(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        Enum name => JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(name.ToString())),
        RecordValue { Kind: RecordValueKind.Absent } => null,
        RecordValue json => JsonNode.Parse(json.ToJson()),
        ValueTemplate template => JsonNode.Parse(template.Value.ToJson()),
        IDictionary pairs => new JsonObject(pairs.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, ValueOf(pairs[key])))),
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(ValueOf)]),
        int or long or double => JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $"{value:R}")),
        _ => JsonValue.Create(value.ToString()),
    };
}
