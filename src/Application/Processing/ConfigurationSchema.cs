using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Processing;

/// <summary>
/// Says in JSON Schema 2020-12 what <see cref="PipelineCompiler"/> takes, as far as a schema can: from the catalogue's schemas of options and from what the compilers know.
/// Of plugins it says only that there may be any, so that what describes the service does not depend on what is installed.
/// </summary>
public static class ConfigurationSchema
{
    /// <summary>The definition of a whole configuration.</summary>
    public const string Root = "PipelineConfig";

    /// <summary>The definition of a JSON object that may have any members.</summary>
    public const string AnyObject = "JsonObject";

    private const string Processor = "Processor";
    private const string Destination = "Destination";
    private const string Source = "Source";
    private const string Condition = "Condition";
    private const string ErrorPolicy = "ErrorPolicy";

    /// <summary>The definitions that are one of several objects, told apart by the value of <c>type</c>.</summary>
    public static readonly IReadOnlyList<string> UnionsByType = [BuiltIn(Processor), BuiltIn(Destination)];

    /// <summary>All definitions by name. They refer to each other as <c>#/$defs/&lt;name&gt;</c>.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Definitions(IProcessorCatalog processors, IDestinationCatalog destinations)
    {
        var definitions = new Dictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            [Root] = Closed(
                "What a pipeline does: where records come from, what happens to each, where they go.",
                ["source", "processors", "destination"],
                ("source", Reference(Source)),
                ("processors", Steps("What happens to each record, in order.")),
                ("destination", Reference(Destination)),
                ("errorPolicy", Reference(ErrorPolicy))),
            [ErrorPolicy] = Described("How many failed records a batch bears before it fails as a whole.", OptionsOf(OptionsSchema.Of(typeof(ErrorPolicyOptions)))),
            [AnyObject] = Described("A JSON object.", new JsonObject { ["type"] = "object", ["additionalProperties"] = true }),
        };
        foreach (var source in CatalogueItem.EngineTypes(ComponentKind.Source)) definitions[Source] = Component(definitions, source, Source, []);
        AddComponents(definitions, Processor, processors.Types.Values, Frame());
        foreach (var type in processors.Types.Values.Where(type => type.Plugin is null)) ReferToInner(definitions, type);
        AddComponents(definitions, Destination, destinations.Types.Values, [], CatalogueItem.EngineTypes(ComponentKind.Destination));
        AddConditions(definitions);
        return definitions;
    }

    /// <summary>A definition for each type, one for those of plugins, and two for what may be any of them.</summary>
    /// <param name="frame">The members that each has beside type and options.</param>
    private static void AddComponents(
        Dictionary<string, JsonObject> definitions, string kind, IEnumerable<ComponentDescriptor> types, IReadOnlyList<(string Name, JsonObject Schema)> frame, params IEnumerable<CatalogueItem> engineTypes)
    {
        var builtIn = types.Where(type => type.Plugin is null).Select(CatalogueItem.Of).Concat(engineTypes).OrderBy(type => type.Type, StringComparer.Ordinal).ToList();
        foreach (var type in builtIn) definitions[NameOf(type.Type!) + kind] = Component(definitions, type, kind, frame);
        definitions[BuiltIn(kind)] = OneOf($"A {kind.ToLowerInvariant()} that comes with the service.", builtIn.Select(type => NameOf(type.Type!) + kind));
        definitions[$"Plugin{kind}"] = Closed(
            $"A {kind.ToLowerInvariant()} of a plugin; the catalogue has the schema of its options.",
            ["type"],
            [
                ("type", new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z][A-Za-z0-9]*$", ["not"] = EnumOf(builtIn.Select(type => type.Type!)) }),
                .. frame.Select(member => (member.Name, member.Schema.DeepClone().AsObject())),
                ("options", Reference(AnyObject)),
            ]);
        definitions[kind] = OneOf($"A {kind.ToLowerInvariant()}, built in or of a plugin.", [BuiltIn(kind), $"Plugin{kind}"]);
    }

    private static JsonObject Component(Dictionary<string, JsonObject> definitions, CatalogueItem type, string kind, IReadOnlyList<(string Name, JsonObject Schema)> frame)
    {
        var options = OptionsOf(type.OptionsSchema!.Value);
        var isRequired = options.ContainsKey("required");
        if (options["properties"]!.AsObject().Count > 0)
        {
            var name = NameOf(type.Type!) + (kind == Processor ? "" : kind) + "Options";
            definitions[name] = Described($"The options of {type.Type}.", options);
            options = Reference(name);
        }

        var component = Closed(
            type.Description!,
            isRequired ? ["type", "options"] : ["type"],
            [("type", EnumOf([type.Type!])), .. frame.Select(member => (member.Name, member.Schema.DeepClone().AsObject())), ("options", options)]);
        if (type.Example is { } example) component["examples"] = new JsonArray(JsonObject.Create(example));
        return component;
    }

    /// <summary>An option that is a processor is any of them.</summary>
    private static void ReferToInner(Dictionary<string, JsonObject> definitions, ComponentDescriptor type)
    {
        foreach (var option in OptionDescriptor.AllOf(type.OptionsType).Where(option => option.Property.PropertyType == typeof(InnerProcessor)))
        {
            var schemas = definitions[NameOf(type.Type) + "Options"]["properties"]!.AsObject();
            schemas[option.Name] = Described(schemas[option.Name]!["description"]!.GetValue<string>(), Reference(Processor));
        }
    }

    private static List<(string Name, JsonObject Schema)> Frame() =>
    [
        ("tag", Text("A name for this processor among its like, shown with failures and statistics.")),
        ("description", Text("What it is for.")),
        ("if", Reference(Condition)),
        ("ignoreFailure", Described("Whether a record at which it fails goes on all the same, as it was before.", new JsonObject { ["type"] = "boolean", ["default"] = false })),
        ("onFailure", Steps("What happens to a record at which it fails; then the record goes on.")),
    ];

    private static void AddConditions(Dictionary<string, JsonObject> definitions)
    {
        definitions[Condition] = OneOf("What a record must be like.", ["FieldCondition", "AllCondition", "AnyCondition", "NotCondition"]);
        definitions["AllCondition"] = Closed("True where all of them are.", ["all"], ("all", Conditions()));
        definitions["AnyCondition"] = Closed("True where one of them is.", ["any"], ("any", Conditions()));
        definitions["NotCondition"] = Closed("True where the other is not.", ["not"], ("not", Reference(Condition)));
        var test = Closed(
            "One test of one field. On a missing field, which is one that is absent or null, it is false; only notEquals, notIn and exists: false are true.",
            ["field"],
            [("field", Text("The field's path.", maxLength: false)), .. ConditionCompiler.Tests.Select(name => (name, TestOf(name)))]);
        test["minProperties"] = 2;
        test["maxProperties"] = 2;
        test["examples"] = new JsonArray(new JsonObject { ["field"] = "status", ["equals"] = "cancelled" });
        definitions["FieldCondition"] = test;
    }

    private static JsonObject TestOf(string test) => test switch
    {
        "equals" => Described("The field has this value; numbers are compared by value.", []),
        "notEquals" => Described("The field has not this value.", []),
        "in" => Described("The field has one of these values.", ListOf([])),
        "notIn" => Described("The field has none of these values.", ListOf([])),
        "greaterThan" or "greaterThanOrEqual" or "lessThan" or "lessThanOrEqual" => Described("Numbers by value, texts by ordinal; false where the field is not of the bound's type.", AnyOf(Typed("number"), Typed("string"))),
        "exists" => Described("Whether the field is there and not null.", Typed("boolean")),
        "contains" => Described("The field's text has this part, or its array this element.", []),
        "startsWith" => Described("The field's text begins so.", Typed("string")),
        "endsWith" => Described("The field's text ends so.", Typed("string")),
        "matches" => Described("The field's text has a match of this regular expression, which must be linear-time.", Typed("string")),
        "type" => Described("The field is of this JSON type.", EnumOf(ConditionCompiler.Kinds.Keys)),
        _ => throw new ArgumentOutOfRangeException(nameof(test), test, "No schema is known for this test."),
    };

    private static JsonObject Conditions()
    {
        var conditions = ListOf(Reference(Condition));
        conditions["minItems"] = 1;
        return conditions;
    }

    private static JsonObject Steps(string description)
    {
        var steps = ListOf(Reference(Processor));
        steps["maxItems"] = Pipeline.MaxProcessors;
        return Described(description, steps);
    }

    private static JsonObject Text(string description, bool maxLength = true)
    {
        var text = Typed("string");
        if (maxLength) text["maxLength"] = PipelineCompiler.MaxTextLength;
        return Described(description, text);
    }

    private static JsonObject OptionsOf(JsonElement schema)
    {
        var options = JsonObject.Create(schema)!;
        options.Remove("$schema");
        return options;
    }

    private static JsonObject Closed(string description, IEnumerable<string> required, params IEnumerable<(string Name, JsonObject Schema)> members) => Described(description, new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, member.Schema))),
        ["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]),
        ["additionalProperties"] = false,
    });

    private static JsonObject Described(string description, JsonObject schema)
    {
        schema.Insert(0, "description", description);
        return schema;
    }

    private static JsonObject OneOf(string description, IEnumerable<string> names) => Described(description, new JsonObject { ["oneOf"] = new JsonArray([.. names.Select(Reference)]) });

    private static JsonObject AnyOf(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    private static JsonObject EnumOf(IEnumerable<string> values) => new() { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) };

    private static JsonObject ListOf(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static string BuiltIn(string kind) => $"BuiltIn{kind}";

    private static string NameOf(string type) => char.ToUpperInvariant(type[0]) + type[1..];
}
