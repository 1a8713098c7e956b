using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Application.Processing.JsonSchema;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

/// <summary>The official test suite of JSON Schema, draft 2020-12, whole: what is not refused is answered as the suite says. Where its cases come from: <c>Suite/README.md</c>.</summary>
public sealed class SuiteTests
{
    private const string Remote = "It refers to a document that would have to be fetched, or to the meta-schema.";
    private const string Dialect = "It is written in a dialect of its own.";
    private const string Unevaluated = "unevaluatedItems and unevaluatedProperties are not enforced.";
    private const string DependentSchemas = "dependentSchemas is not enforced.";
    private const string Format = "The format is not enforced.";
    private const string Unknown = "It has keywords that nobody knows.";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Processing", "JsonSchema", "Suite");

    /// <summary>What must be refused, and why: whole files, and groups within one.</summary>
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["content.json"] = "What a text contains is not looked into.",
        ["dependentSchemas.json"] = DependentSchemas,
        ["dynamicRef.json"] = "$dynamicRef and $dynamicAnchor are not enforced.",
        ["refRemote.json"] = Remote,
        ["unevaluatedItems.json"] = Unevaluated,
        ["unevaluatedProperties.json"] = Unevaluated,
        ["unknownKeyword.json"] = Unknown,
        ["vocabulary.json"] = Dialect,
        ["optional/cross-draft.json"] = Remote,
        ["optional/dependencies-compatibility.json"] = "dependencies is of an earlier draft.",
        ["optional/format-assertion.json"] = Dialect,
        ["optional/refOfUnknownKeyword.json"] = Unknown,
        ["optional/format/duration.json"] = Format,
        ["optional/format/hostname.json"] = Format,
        ["optional/format/idn-email.json"] = Format,
        ["optional/format/idn-hostname.json"] = Format,
        ["optional/format/iri-reference.json"] = Format,
        ["optional/format/iri.json"] = Format,
        ["optional/format/json-pointer.json"] = Format,
        ["optional/format/regex.json"] = Format,
        ["optional/format/relative-json-pointer.json"] = Format,
        ["optional/format/unknown.json"] = Format,
        ["optional/format/uri-reference.json"] = Format,
        ["optional/format/uri-template.json"] = Format,
        ["additionalProperties.json: dependentSchemas with additionalProperties"] = DependentSchemas,
        ["anchor.json: invalid anchors"] = Remote,
        ["defs.json: validate definition against metaschema"] = Remote,
        ["format.json: duration format"] = Format,
        ["format.json: hostname format"] = Format,
        ["format.json: idn-email format"] = Format,
        ["format.json: idn-hostname format"] = Format,
        ["format.json: iri format"] = Format,
        ["format.json: iri-reference format"] = Format,
        ["format.json: json-pointer format"] = Format,
        ["format.json: regex format"] = Format,
        ["format.json: relative-json-pointer format"] = Format,
        ["format.json: uri-reference format"] = Format,
        ["format.json: uri-template format"] = Format,
        ["id.json: Invalid use of fragments in location-independent $id"] = Remote,
        ["id.json: Unnormalized $ids are allowed but discouraged"] = Remote,
        ["id.json: Valid use of empty fragments in location-independent $id"] = Remote,
        ["not.json: collect annotations inside a 'not', even if collection is disabled"] = Unevaluated,
        ["propertyNames.json: propertyNames with unevaluatedProperties"] = Unevaluated,
        ["ref.json: ref creates new scope when adjacent to keywords"] = Unevaluated,
        ["ref.json: remote ref, containing refs itself"] = Remote,
        ["ref.json: URN base URI with f-component"] = Remote,
        [@"optional/ecmascript-regex.json: \a is not an ECMA 262 control escape"] = Remote,
    };

    private static readonly List<Group> All =
    [
        .. from path in Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
           from item in JsonElement.Parse(File.ReadAllText(path)).EnumerateArray().Index()
           select new Group(Path.GetRelativePath(Folder, path).Replace('\\', '/'), item.Index, item.Item),
    ];

    /// <summary>File, group, case, and what they are about.</summary>
    public static TheoryData<string, int, int, string> Cases =>
        [.. from found in All where found.Reason is null from test in found.Tests select (found.Path, found.Index, test.Index, $"{found.Description}: {test.Description}")];

    public static TheoryData<string, int, string> RefusedGroups => [.. from found in All where found.Reason is not null select (found.Path, found.Index, $"{found.Description}: {found.Reason}")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void AValue_MatchesOrNot_AsTheSuiteSays(string path, int group, int test, string about)
    {
        var found = Find(path, group);
        var (_, _, data, valid) = found.Tests[test];
        var schema = Some.Schema(found.Schema.GetRawText());

        Assert.True(schema.IsValid(Some.Value(data)) == valid, about);
        Assert.True(schema.Validate(Some.Value(data)).Count == 0 == valid, about);
        Assert.True(MatchesInARecord(found.Schema, data) == valid, about);
    }

    [Theory]
    [MemberData(nameof(RefusedGroups))]
    public void ASchemaThatIsNotEnforcedAsItIsWritten_IsRefused(string path, int group, string about)
    {
        var result = JsonSchemaCompiler.Compile(Find(path, group).Schema, "schema");

        Assert.False(result.IsSuccess, about);
        Assert.All(result.Error.Details, detail => Assert.True(detail is { Code: "UNKNOWN_KEYWORD" or "UNKNOWN_FORMAT" or "INVALID_REFERENCE" } or { Code: "INVALID_VALUE", Field: "schema.$schema" }, detail.ToString()));
    }

    [Fact]
    public void WhatIsListedAsRefused_IsThere() => Assert.DoesNotContain(Refused.Keys, key => !All.Exists(group => group.File == key || group.Name == key));

    /// <summary>As users have it: the value is a property of the record, and the schema a part of a larger one, in which an <c>$id</c> says what its references are relative to.</summary>
    private static bool MatchesInARecord(JsonElement schema, string data)
    {
        var part = JsonNode.Parse(schema.GetRawText())!;
        if (part is JsonObject json && !json.ContainsKey("$id")) json["$id"] = "urn:part";
        var options = new JsonObject { ["schema"] = new JsonObject { ["properties"] = new JsonObject { ["value"] = part } } };
        var result = Engine.RunStep("validate", options.ToJsonString(), $$"""{"value":{{data}}}""");
        return !result.StartsWith("SCHEMA_VIOLATION ", StringComparison.Ordinal);
    }

    private static Group Find(string path, int index) => All.Single(group => group.Path == path && group.Index == index);

    private sealed record Group(string Path, int Index, JsonElement Json)
    {
        internal string File { get; } = Path[(Path.IndexOf('/', StringComparison.Ordinal) + 1)..];

        internal string Description => Json.GetProperty("description").GetString()!;

        internal string Name => $"{File}: {Description}";

        internal string? Reason => Refused.GetValueOrDefault(File) ?? Refused.GetValueOrDefault(Name);

        internal JsonElement Schema => Json.GetProperty("schema");

        internal List<(int Index, string Description, string Data, bool IsValid)> Tests =>
        [
            .. from test in Json.GetProperty("tests").EnumerateArray().Index()
               select (test.Index, test.Item.GetProperty("description").GetString()!, test.Item.GetProperty("data").GetRawText(), test.Item.GetProperty("valid").GetBoolean()),
        ];
    }
}
