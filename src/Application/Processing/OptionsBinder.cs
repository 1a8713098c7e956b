using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>One option of an options record, as configurations see it.</summary>
/// <param name="Name">Its name in camelCase.</param>
/// <param name="IsRequired">Whether it has to be there.</param>
/// <param name="NullIsValue">Whether <c>null</c> is not the same as nothing.</param>
/// <param name="OneOrMany">Whether one value may stand for a list of one.</param>
/// <param name="IsVerbatim">Whether braces in its text mean nothing.</param>
internal sealed record OptionDescriptor(string Name, PropertyInfo Property, bool IsRequired, bool NullIsValue, bool OneOrMany, bool IsVerbatim)
{
    /// <summary>Whether it is written but never shown.</summary>
    internal bool IsSecret => Property.IsDefined(typeof(SecretAttribute));

    internal static IReadOnlyList<OptionDescriptor> AllOf(Type optionsType) =>
    [
        .. from property in optionsType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where property.SetMethod is { IsPublic: true }
           select new OptionDescriptor(
               JsonNamingPolicy.CamelCase.ConvertName(property.Name),
               property,
               property.IsDefined(typeof(RequiredMemberAttribute)),
               property.IsDefined(typeof(NullIsValueAttribute)),
               property.IsDefined(typeof(OneOrManyAttribute)),
               property.IsDefined(typeof(VerbatimAttribute))),
    ];
}

/// <summary>Fills options records from JSON, by reflection: when a pipeline is compiled, never per record.</summary>
internal static class OptionsBinder
{
    /// <param name="compileInner">Makes the value of an option that is an <see cref="InnerProcessor"/>; <c>null</c> where there can be none.</param>
    /// <returns>The options record, or <c>null</c> where something is wrong with it.</returns>
    internal static object? Bind(Type optionsType, JsonElement? json, string path, Problems problems, Func<JsonElement, string, InnerProcessor?>? compileInner = null)
    {
        var before = problems.Details.Count;
        var options = Activator.CreateInstance(optionsType)!;
        var known = OptionDescriptor.AllOf(optionsType);
        if (json is { ValueKind: not JsonValueKind.Object } other)
        {
            problems.WrongType(path, "an object", other);
            return null;
        }

        if (json is { } given) problems.RefuseUnknown(given, path, [.. known.Select(option => option.Name)]);
        foreach (var option in known)
        {
            var place = $"{path}.{option.Name}";
            if (json is not { } element || !element.TryGetProperty(option.Name, out var value) || (value.ValueKind == JsonValueKind.Null && !option.NullIsValue))
            {
                if (option.IsRequired) problems.Required(place);
                continue;
            }

            var read = compileInner is not null && option.Property.PropertyType == typeof(InnerProcessor) ? compileInner(value, place) : Read(option.Property.PropertyType, option, value, place, problems);
            if (read is null) continue;
            if (option.Property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(read))
                problems.Invalid(place, string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be from {range.Minimum} to {range.Maximum}."));
            option.Property.SetValue(options, read);
        }

        if (problems.Details.Count > before) return null;
        if (options is not IValidatedOptions validated) return options;
        foreach (var problem in validated.Validate()) problems.Add($"{path}.{problem.Option}", problem.Code, problem.Message);
        return problems.Details.Count > before ? null : options;
    }

    private static object? Read(Type type, OptionDescriptor option, JsonElement json, string path, Problems problems)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Template)) return ReadTemplate(json, path, problems);
        if (type == typeof(ValueTemplate)) return ReadValueTemplate(json, path, problems);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return ReadList(type.GenericTypeArguments[0], option, json, path, problems);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return ReadDictionary(type.GenericTypeArguments[1], option, json, path, problems);
        if (type == typeof(RecordSchema)) return JsonValues.ReadSchema(json, path, problems);
        if (!option.IsVerbatim && RefuseTemplates(json, path, problems)) return null;
        if (type == typeof(RecordValue)) return JsonValues.ToRecordValue(json);
        if (type == typeof(FieldPath)) return JsonValues.ReadPath(json, path, problems);
        if (type == typeof(Regex)) return JsonValues.ReadRegex(json, path, problems);
        if (type == typeof(string)) return JsonValues.ReadString(json, path, problems);
        if (type == typeof(bool)) return JsonValues.ReadBoolean(json, path, problems);
        if (type == typeof(int)) return json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var number) ? number : WrongNumber("an integer of 32 bits");
        if (type == typeof(long)) return json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number) ? number : WrongNumber("an integer of 64 bits");
        if (type == typeof(double)) return json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number) ? number : WrongNumber("a number");
        if (type.IsEnum) return ReadEnum(type, json, path, problems);
        throw new NotSupportedException($"{option.Property.DeclaringType}.{option.Property.Name} is of a type that options cannot have: {type}.");

        object? WrongNumber(string expected)
        {
            problems.WrongType(path, expected, json);
            return null;
        }
    }

    private static Template? ReadTemplate(JsonElement json, string path, Problems problems)
    {
        if (JsonValues.ReadString(json, path, problems) is not { } text) return null;
        if (Template.TryParse(text, out var template, out var error)) return template;
        problems.Add(path, "INVALID_TEMPLATE", error);
        return null;
    }

    private static ValueTemplate? ReadValueTemplate(JsonElement json, string path, Problems problems)
    {
        if (ValueTemplate.TryParse(JsonValues.ToRecordValue(json), out var template, out var error)) return template;
        problems.Add(path, "INVALID_TEMPLATE", error);
        return null;
    }

    private static IList? ReadList(Type itemType, OptionDescriptor option, JsonElement json, string path, Problems problems)
    {
        var isOne = json.ValueKind != JsonValueKind.Array;
        if (isOne && !option.OneOrMany)
        {
            problems.WrongType(path, "an array", json);
            return null;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        if (isOne) AddTo(json, path);
        else
        {
            var index = 0;
            foreach (var item in json.EnumerateArray()) AddTo(item, $"{path}[{index++}]");
            if (index == 0 && option.IsRequired) problems.Add(path, "REQUIRED", $"{option.Name} must not be empty.");
        }

        return list;

        void AddTo(JsonElement item, string place)
        {
            if (Read(itemType, option, item, place, problems) is { } read) list.Add(read);
        }
    }

    private static IDictionary? ReadDictionary(Type valueType, OptionDescriptor option, JsonElement json, string path, Problems problems)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.WrongType(path, "an object", json);
            return null;
        }

        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (var property in json.EnumerateObject())
        {
            if (Read(valueType, option, property.Value, $"{path}.{property.Name}", problems) is { } read) dictionary[property.Name] = read;
        }

        return dictionary;
    }

    private static object? ReadEnum(Type type, JsonElement json, string path, Problems problems)
    {
        if (JsonValues.ReadString(json, path, problems) is not { } text) return null;
        var names = Enum.GetNames(type).ToDictionary(JsonNamingPolicy.CamelCase.ConvertName, StringComparer.Ordinal);
        if (names.TryGetValue(text, out var name)) return Enum.Parse(type, name);
        problems.Invalid(path, $"{Problems.NameOf(path)} cannot be \"{text}\". {Names.Hint(text, names.Keys)}");
        return null;
    }

    private static bool RefuseTemplates(JsonElement json, string path, Problems problems)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when Template.LooksLikeOne(json.GetString()!):
                problems.Add(path, "TEMPLATE_NOT_ALLOWED", $"{Problems.NameOf(path)} takes no template.");
                return true;
            case JsonValueKind.Array:
                return json.EnumerateArray().Select((item, index) => RefuseTemplates(item, $"{path}[{index}]", problems)).ToList().Contains(true);
            case JsonValueKind.Object:
                return json.EnumerateObject().Select(property => RefuseTemplates(property.Value, $"{path}.{property.Name}", problems)).ToList().Contains(true);
            default:
                return false;
        }
    }
}
