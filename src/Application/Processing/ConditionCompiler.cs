using System.Text.Json;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>Makes a <see cref="Condition"/> of its JSON.</summary>
internal static class ConditionCompiler
{
    internal static readonly string[] Tests =
    [
        "equals", "notEquals", "in", "notIn", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual", "exists", "contains", "startsWith", "endsWith", "matches", "type",
    ];

    internal static readonly IReadOnlyDictionary<string, RecordValueKind> Kinds = new Dictionary<string, RecordValueKind>(StringComparer.Ordinal)
    {
        ["string"] = RecordValueKind.String,
        ["number"] = RecordValueKind.Number,
        ["boolean"] = RecordValueKind.Boolean,
        ["object"] = RecordValueKind.Object,
        ["array"] = RecordValueKind.Array,
        ["null"] = RecordValueKind.Null,
    };

    /// <returns>The condition, or <c>null</c> where something is wrong with it.</returns>
    internal static Condition? Compile(JsonElement json, string path, Problems problems)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.WrongType(path, "an object", json);
            return null;
        }

        foreach (var combination in (ReadOnlySpan<string>)["all", "any", "not"])
        {
            if (!json.TryGetProperty(combination, out var parts)) continue;
            problems.RefuseUnknown(json, path, [combination]);
            var place = $"{path}.{combination}";
            if (combination == "not") return Compile(parts, place, problems) is { } part ? new Not(part) : null;
            var conditions = CompileList(parts, place, problems);
            if (conditions is null) return null;
            return combination == "all" ? new AllOf(conditions) : new AnyOf(conditions);
        }

        return CompileTest(json, path, problems);
    }

    private static Condition[]? CompileList(JsonElement json, string path, Problems problems)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            problems.WrongType(path, "an array of conditions", json);
            return null;
        }

        if (json.GetArrayLength() == 0) problems.Add(path, "REQUIRED", $"{Problems.NameOf(path)} needs at least one condition.");
        Condition[] conditions = [.. json.EnumerateArray().Select((item, index) => Compile(item, $"{path}[{index}]", problems)).OfType<Condition>()];
        return conditions.Length == json.GetArrayLength() ? conditions : null;
    }

    private static FieldTest? CompileTest(JsonElement json, string path, Problems problems)
    {
        problems.RefuseUnknown(json, path, ["field", .. Tests, "all", "any", "not"]);
        FieldPath? field = null;
        if (json.TryGetProperty("field", out var fieldJson)) field = JsonValues.ReadPath(fieldJson, $"{path}.field", problems);
        else problems.Required($"{path}.field");

        var tests = Array.FindAll(Tests, test => json.TryGetProperty(test, out _));
        if (tests.Length == 0) problems.Add(path, "REQUIRED", $"A condition needs one test. Known: {string.Join(", ", Tests)}.");
        if (tests.Length > 1) problems.Invalid(path, $"A condition has one test; this one has {string.Join(" and ", tests)}. Combine conditions with all or any.");
        Func<RecordValue, bool>? last = null;
        foreach (var test in tests) last = CompileTest(test, json.GetProperty(test), $"{path}.{test}", problems);
        return field is null || last is null ? null : new FieldTest(field, last);
    }

    private static Func<RecordValue, bool>? CompileTest(string test, JsonElement json, string path, Problems problems)
    {
        switch (test)
        {
            case "equals":
                return FieldTests.EqualTo(JsonValues.ToRecordValue(json));
            case "notEquals":
                return FieldTests.Negated(FieldTests.EqualTo(JsonValues.ToRecordValue(json)));
            case "in" or "notIn":
                if (json.ValueKind != JsonValueKind.Array)
                {
                    problems.WrongType(path, "an array", json);
                    return null;
                }

                var any = FieldTests.AnyOf([.. JsonValues.ToRecordValue(json).EnumerateArray()]);
                return test == "in" ? any : FieldTests.Negated(any);
            case "greaterThan":
                return CompileOrder(json, path, order => order > 0, problems);
            case "greaterThanOrEqual":
                return CompileOrder(json, path, order => order >= 0, problems);
            case "lessThan":
                return CompileOrder(json, path, order => order < 0, problems);
            case "lessThanOrEqual":
                return CompileOrder(json, path, order => order <= 0, problems);
            case "exists":
                return JsonValues.ReadBoolean(json, path, problems) is { } exists ? FieldTests.Existing(exists) : null;
            case "contains":
                return FieldTests.Containing(JsonValues.ToRecordValue(json));
            case "startsWith":
                return JsonValues.ReadString(json, path, problems) is { } start ? FieldTests.Text(text => text.StartsWith(start, StringComparison.Ordinal)) : null;
            case "endsWith":
                return JsonValues.ReadString(json, path, problems) is { } end ? FieldTests.Text(text => text.EndsWith(end, StringComparison.Ordinal)) : null;
            case "matches":
                return JsonValues.ReadRegex(json, path, problems) is { } pattern ? FieldTests.Matching(pattern) : null;
            default:
                if (JsonValues.ReadString(json, path, problems) is not { } kind) return null;
                if (Kinds.TryGetValue(kind, out var expected)) return FieldTests.OfKind(expected);
                problems.Invalid(path, $"type cannot be \"{kind}\". {Names.Hint(kind, [.. Kinds.Keys])}");
                return null;
        }
    }

    private static Func<RecordValue, bool>? CompileOrder(JsonElement json, string path, Func<int, bool> accepts, Problems problems)
    {
        if (json.ValueKind is JsonValueKind.Number or JsonValueKind.String) return FieldTests.Ordered(JsonValues.ToRecordValue(json), accepts);
        problems.WrongType(path, "a number or a string", json);
        return null;
    }
}
