using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>Reads the values that options and conditions have in common; what is wrong goes to <see cref="Problems"/>.</summary>
internal static class JsonValues
{
    internal static RecordValue ToRecordValue(JsonElement element) => RecordValue.OfValid(JsonMarshal.GetRawUtf8Value(element).ToArray());

    internal static FieldPath? ReadPath(JsonElement element, string path, Problems problems)
    {
        if (ReadString(element, path, problems) is not { } text) return null;
        if (FieldPath.TryParse(text, out var fieldPath, out var error)) return fieldPath;
        problems.Add(path, "INVALID_PATH", error);
        return null;
    }

    /// <summary>A pattern that is matched in a time linear to the text.</summary>
    internal static Regex? ReadRegex(JsonElement element, string path, Problems problems)
    {
        if (ReadString(element, path, problems) is not { } pattern) return null;
        if (LinearRegex.TryCreate(pattern, RegexOptions.None, out var regex, out var error)) return regex;
        problems.Add(path, "INVALID_PATTERN", error);
        return null;
    }

    internal static RecordSchema? ReadSchema(JsonElement element, string path, Problems problems)
    {
        var schema = JsonSchemaCompiler.Compile(element, path);
        if (schema.IsSuccess) return new RecordSchema(schema.Value);
        foreach (var (field, code, message) in schema.Error.Details) problems.Add(field, code, message);
        return null;
    }

    internal static string? ReadString(JsonElement element, string path, Problems problems)
    {
        if (element.ValueKind == JsonValueKind.String) return element.GetString();
        problems.WrongType(path, "a string", element);
        return null;
    }

    internal static bool? ReadBoolean(JsonElement element, string path, Problems problems)
    {
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False) return element.GetBoolean();
        problems.WrongType(path, "a boolean", element);
        return null;
    }
}
