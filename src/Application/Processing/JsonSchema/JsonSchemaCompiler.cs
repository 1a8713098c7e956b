using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>
/// Compiles JSON Schema 2020-12 over a fixed set of keywords. What is not supported is refused, not ignored: a schema that compiles is
/// enforced as it is written.
/// </summary>
internal sealed class JsonSchemaCompiler
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";
    private const int LongestListing = 200;
    private const int LongestDivisor = 100;
    private const double StepsPerDigitCompared = 1.0 / 16;
    private const double StepsPerDigitDivided = 1;

    /// <summary>A schema takes some hundred bytes of memory, a pattern some thousand.</summary>
    private const int MaxSchemas = 20_000;
    private const int MaxPatterns = 1_000;

    /// <summary>How many faults are told at most.</summary>
    private const int MaxErrors = 100;

    private static readonly string[] Keywords =
    [
        "$ref", "$defs", "$id", "$anchor", "$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format",
        "minItems", "maxItems", "uniqueItems", "prefixItems", "items", "contains", "minContains", "maxContains",
        "properties", "patternProperties", "additionalProperties", "propertyNames", "required", "dependentRequired", "minProperties", "maxProperties",
        "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    ];

    /// <summary>What keywords of earlier drafts are called now.</summary>
    private static readonly Dictionary<string, string> Successors = new(StringComparer.Ordinal)
    {
        ["definitions"] = "$defs",
        ["id"] = "$id",
        ["dependencies"] = "dependentRequired",
        ["additionalItems"] = "items",
    };

    private readonly JsonTape _tape = new();
    private readonly List<ErrorDetail> _errors = [];
    private readonly SchemaReferences _references = new();
    private int _schemas;
    private int _patterns;

    private JsonSchemaCompiler() { }

    /// <summary>Compiles a schema, or says all that is wrong with it at once.</summary>
    /// <param name="schema">An object or a boolean.</param>
    /// <param name="path">Where the schema stands in the request, for example <c>config.processors[0].options.schema</c>.</param>
    internal static Result<CompiledSchema> Compile(JsonElement schema, string path)
    {
        var compiler = new JsonSchemaCompiler();
        try
        {
            compiler._tape.Read(JsonMarshal.GetRawUtf8Value(schema));
        }
        catch (JsonException)
        {
            return Refusal([new ErrorDetail(path, "INVALID_VALUE", $"The schema is nested more than {JsonTape.MaxDepth} deep.")]);
        }

        var root = compiler.ReadSchema(0, new Place("", path, SchemaReferences.Document), "false");
        if (compiler._schemas > MaxSchemas) return Refusal(compiler._errors);
        compiler._errors.AddRange(compiler._references.Resolve().Take(MaxErrors - compiler._errors.Count));
        return compiler._errors.Count == 0 ? new CompiledSchema(root) : Refusal(compiler._errors);
    }

    private static Error Refusal(IReadOnlyList<ErrorDetail> details) => Error.Validation("The schema is not valid.", details);

    private SchemaNode ReadSchema(int token, Place place, string keyword)
    {
        var node = new SchemaNode(keyword) { IsNever = _tape[token] is { Kind: RecordValueKind.Boolean, IsTrue: false } };
        if (++_schemas == MaxSchemas + 1) Add(place, "TOO_MANY", $"A schema may have at most {MaxSchemas} schemas in it.");
        if (_schemas > MaxSchemas) return node;
        _references.Add(place.Pointer, node);
        switch (_tape[token].Kind)
        {
            case RecordValueKind.Object:
                ReadKeywords(node, token, place);
                break;
            case not RecordValueKind.Boolean:
                WrongType(token, place, "a schema: an object or a boolean");
                break;
        }

        return node;
    }

    private void ReadKeywords(SchemaNode node, int token, Place place)
    {
        var keywords = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, value) in PropertiesOf(token)) keywords[name] = value;
        if (keywords.TryGetValue("$id", out var id)) place = place with { Resource = ReadId(id, place) };
        var rules = new List<Rule>();
        foreach (var (keyword, value) in keywords) ReadKeyword(keyword, value, place.Property(keyword), node, rules);
        AddItems(keywords, place, rules);
        AddContains(keywords, place, rules);
        AddProperties(keywords, place, rules);
        AddCondition(keywords, place, rules);
        node.SetRules(rules);
        node.InPlace.AddRange(rules.SelectMany(rule => rule.InPlace));
    }

    /// <summary>Reads a keyword that stands for itself; those that belong together are read after them all.</summary>
    private void ReadKeyword(string keyword, int token, Place place, SchemaNode node, List<Rule> rules)
    {
        switch (keyword)
        {
            case "$schema":
                if (ReadString(token, place) is { } dialect && dialect.TrimEnd('#') != Dialect) Add(place, "INVALID_VALUE", $"The only dialect that is supported is {Dialect}.");
                break;
            case "$comment" or "title" or "description":
                _ = ReadString(token, place);
                break;
            case "deprecated" or "readOnly" or "writeOnly":
                _ = ReadBoolean(token, place);
                break;
            case "examples":
                if (_tape[token].Kind != RecordValueKind.Array) WrongType(token, place, "an array");
                break;
            case "$anchor":
                ReadAnchor(token, place, node);
                break;
            case "$ref":
                ReadReference(token, place, node, rules);
                break;
            case "$defs":
                foreach (var (name, value) in ObjectAt(token, place)) ReadSchema(value, place.Property(name), "false");
                break;
            case "type":
                ReadType(token, place, rules);
                break;
            case "enum":
                ReadEnum(token, place, rules);
                break;
            case "const":
                AddEnum([token], "const", _tape.ExcerptOf(token), rules);
                break;
            case "minimum":
                ReadLimit(keyword, token, place, "of at least", static (number, limit) => ExactNumber.Compare(number, limit) >= 0, rules);
                break;
            case "maximum":
                ReadLimit(keyword, token, place, "of at most", static (number, limit) => ExactNumber.Compare(number, limit) <= 0, rules);
                break;
            case "exclusiveMinimum":
                ReadLimit(keyword, token, place, "greater than", static (number, limit) => ExactNumber.Compare(number, limit) > 0, rules);
                break;
            case "exclusiveMaximum":
                ReadLimit(keyword, token, place, "less than", static (number, limit) => ExactNumber.Compare(number, limit) < 0, rules);
                break;
            case "multipleOf":
                if (_tape[token].Kind == RecordValueKind.Number && _tape.NumberOf(token).Sign <= 0) Add(place, "INVALID_VALUE", "multipleOf must be greater than 0.");
                else if (_tape.TextOf(token).Length > LongestDivisor) Add(place, "INVALID_VALUE", $"multipleOf may have at most {LongestDivisor} digits.");
                else ReadLimit(keyword, token, place, "that is a multiple of", static (number, limit) => number.IsMultipleOf(limit), rules, StepsPerDigitDivided);
                break;
            case "minLength":
                if (ReadCount(token, place) is { } shortest) rules.Add(new LengthRule(shortest, long.MaxValue, keyword, $"a string of {Counted.AtLeast(shortest, "character", "characters")}"));
                break;
            case "maxLength":
                if (ReadCount(token, place) is { } longest) rules.Add(new LengthRule(0, longest, keyword, $"a string of {Counted.UpTo(longest, "character", "characters")}"));
                break;
            case "minItems":
                AddCount(RecordValueKind.Array, ReadCount(token, place), null, keyword, rules);
                break;
            case "maxItems":
                AddCount(RecordValueKind.Array, null, ReadCount(token, place), keyword, rules);
                break;
            case "minProperties":
                AddCount(RecordValueKind.Object, ReadCount(token, place), null, keyword, rules);
                break;
            case "maxProperties":
                AddCount(RecordValueKind.Object, null, ReadCount(token, place), keyword, rules);
                break;
            case "pattern":
                if (ReadString(token, place) is { } pattern && CompilePattern(pattern, place) is { } regex) rules.Add(new PatternRule(regex, $"a string that matches the pattern {JsonTape.Cut(pattern)}"));
                break;
            case "format":
                ReadFormat(token, place, rules);
                break;
            case "uniqueItems":
                if (ReadBoolean(token, place)) rules.Add(new UniqueItemsRule());
                break;
            case "propertyNames":
                rules.Add(new PropertyNamesRule(ReadSchema(token, place, keyword)));
                break;
            case "dependentRequired":
                rules.Add(new DependentRequiredRule([.. ObjectAt(token, place).Select(entry => (Encoding.UTF8.GetBytes(entry.Name), ReadNames(entry.Value, place.Property(entry.Name)).Select(Encoding.UTF8.GetBytes).ToArray()))]));
                break;
            case "allOf":
                rules.Add(new AllOfRule(ReadSchemas(token, place, keyword)));
                break;
            case "anyOf":
                rules.Add(new AnyOfRule(ReadSchemas(token, place, keyword)));
                break;
            case "oneOf":
                rules.Add(new OneOfRule(ReadSchemas(token, place, keyword)));
                break;
            case "not":
                rules.Add(new NotRule(ReadSchema(token, place, keyword)));
                break;
            default:
                if (!Keywords.Contains(keyword)) Add(place, "UNKNOWN_KEYWORD", $"\"{keyword}\" is no keyword that is supported. {Names.Hint(Successors.GetValueOrDefault(keyword, keyword), Keywords)}");
                break;
        }
    }

    private void AddItems(Dictionary<string, int> keywords, Place place, List<Rule> rules)
    {
        SchemaNode[] prefix = keywords.TryGetValue("prefixItems", out var prefixItems) ? ReadSchemas(prefixItems, place.Property("prefixItems"), "prefixItems") : [];
        var rest = ReadOptional("items", keywords, place);
        if (prefix.Length > 0 || rest is not null) rules.Add(new ItemsRule(prefix, rest));
    }

    private void AddContains(Dictionary<string, int> keywords, Place place, List<Rule> rules)
    {
        var least = keywords.TryGetValue("minContains", out var minContains) ? ReadCount(minContains, place.Property("minContains")) : null;
        var most = keywords.TryGetValue("maxContains", out var maxContains) ? ReadCount(maxContains, place.Property("maxContains")) : null;
        if (ReadOptional("contains", keywords, place) is { } schema) rules.Add(new ContainsRule(schema, least ?? 1, most ?? long.MaxValue));
    }

    private void AddProperties(Dictionary<string, int> keywords, Place place, List<Rule> rules)
    {
        var known = new Utf8Map<KnownProperty>();
        if (keywords.TryGetValue("properties", out var properties))
        {
            var at = place.Property("properties");
            foreach (var (name, value) in ObjectAt(properties, at)) known[Encoding.UTF8.GetBytes(name)] = new KnownProperty(ReadSchema(value, at.Property(name), "properties"), false, known.Values.Count);
        }

        if (keywords.TryGetValue("required", out var required))
        {
            foreach (var name in ReadNames(required, place.Property("required")).Select(Encoding.UTF8.GetBytes))
            {
                var property = known.TryGet(name, out var named) ? named : new KnownProperty(null, false, known.Values.Count);
                known[name] = property with { IsRequired = true };
            }
        }

        var patterns = new List<(EcmaPattern, SchemaNode)>();
        if (keywords.TryGetValue("patternProperties", out var patternProperties))
        {
            var at = place.Property("patternProperties");
            foreach (var (pattern, value) in ObjectAt(patternProperties, at))
            {
                var schema = ReadSchema(value, at.Property(pattern), "patternProperties");
                if (CompilePattern(pattern, at.Property(pattern)) is { } regex) patterns.Add((regex, schema));
            }
        }

        var additional = ReadOptional("additionalProperties", keywords, place);
        if (known.Values.Count > 0 || patterns.Count > 0 || additional is not null) rules.Add(new PropertiesRule(known, [.. patterns], additional));
    }

    private void AddCondition(Dictionary<string, int> keywords, Place place, List<Rule> rules)
    {
        var condition = ReadOptional("if", keywords, place);
        var then = ReadOptional("then", keywords, place);
        var otherwise = ReadOptional("else", keywords, place);
        if (condition is not null && (then ?? otherwise) is not null) rules.Add(new IfRule(condition, then, otherwise));
    }

    private void ReadReference(int token, Place place, SchemaNode owner, List<Rule> rules)
    {
        if (ReadString(token, place) is not { } text) return;
        var rule = new RefRule();
        rules.Add(rule);
        _references.Refer(rule, owner, place.Resource, text, place.Path);
    }

    /// <returns>What the schema at <paramref name="outer"/> belongs to from there on.</returns>
    private SchemaResource ReadId(int token, Place outer)
    {
        var place = outer.Property("$id");
        if (ReadString(token, place) is not { } id) return outer.Resource;
        if (_references.Identify(outer.Resource, id, outer.Pointer, out var error) is { } resource) return resource;
        Add(place, "INVALID_VALUE", error);
        return outer.Resource;
    }

    private void ReadAnchor(int token, Place place, SchemaNode node)
    {
        if (ReadString(token, place) is { } name && _references.Name(place.Resource, name, node) is { } error) Add(place, "INVALID_VALUE", error);
    }

    private void ReadType(int token, Place place, List<Rule> rules)
    {
        var names = new List<string>();
        if (_tape[token].Kind == RecordValueKind.Array)
        {
            names.AddRange(ReadNames(token, place));
            if (_tape[token].Count == 0) Add(place, "INVALID_VALUE", "type must name at least one type.");
        }
        else if (ReadString(token, place) is { } name)
        {
            names.Add(name);
        }

        var kinds = new List<RecordValueKind>();
        foreach (var name in names)
        {
            switch (name)
            {
                case "integer":
                    break;
                case "null" or "boolean" or "number" or "string" or "array" or "object":
                    kinds.Add(Enum.Parse<RecordValueKind>(name, ignoreCase: true));
                    break;
                default:
                    Add(place, "INVALID_VALUE", $"There is no type \"{name}\". Known: null, boolean, number, integer, string, array, object.");
                    break;
            }
        }

        if (names.Count > 0) rules.Add(new TypeRule(kinds, names.Contains("integer"), string.Join(" or ", names.Select(WithArticle))));
    }

    private static string WithArticle(string type) => type switch
    {
        "null" => type,
        "integer" or "array" or "object" => $"an {type}",
        _ => $"a {type}",
    };

    private void ReadEnum(int token, Place place, List<Rule> rules)
    {
        if (_tape[token].Kind != RecordValueKind.Array)
        {
            WrongType(token, place, "an array");
            return;
        }

        var listing = string.Join(", ", ElementsOf(token).Take(LongestListing / 2).Select(_tape.ExcerptOf));
        if (listing.Length > LongestListing) listing = $"{listing.AsSpan(0, LongestListing)}…";
        AddEnum([.. ElementsOf(token)], "enum", $"one of {listing}", rules);
    }

    private void AddEnum(int[] tokens, string keyword, string expected, List<Rule> rules) => rules.Add(new EnumRule(_tape, tokens, keyword, expected));

    private void ReadLimit(string keyword, int token, Place place, string comparison, NumberTest test, List<Rule> rules, double stepsPerDigit = StepsPerDigitCompared)
    {
        if (_tape[token].Kind == RecordValueKind.Number) rules.Add(new NumberRule(_tape.TextOf(token).ToArray(), test, stepsPerDigit, keyword, $"a number {comparison} {_tape.ExcerptOf(token)}"));
        else WrongType(token, place, "a number");
    }

    private static void AddCount(RecordValueKind container, long? least, long? most, string keyword, List<Rule> rules)
    {
        var (what, one, many) = container == RecordValueKind.Array ? ("an array", "element", "elements") : ("an object", "property", "properties");
        if (least is { } minimum) rules.Add(new CountRule(container, minimum, long.MaxValue, keyword, $"{what} with {Counted.AtLeast(minimum, one, many)}"));
        if (most is { } maximum) rules.Add(new CountRule(container, 0, maximum, keyword, $"{what} with {Counted.UpTo(maximum, one, many)}"));
    }

    private void ReadFormat(int token, Place place, List<Rule> rules)
    {
        if (ReadString(token, place) is not { } name) return;
        if (StringFormats.Find(name) is { } format) rules.Add(new FormatRule(format, $"a string in the format {name}"));
        else Add(place, "UNKNOWN_FORMAT", $"\"{name}\" is no format that is supported. {Names.Hint(name, StringFormats.Names)}");
    }

    private EcmaPattern? CompilePattern(string pattern, Place place)
    {
        if (++_patterns > MaxPatterns)
        {
            if (_patterns == MaxPatterns + 1) Add(place, "TOO_MANY", $"A schema may have at most {MaxPatterns} patterns in it.");
            return null;
        }

        var regex = EcmaPattern.Compile(pattern, out var error);
        if (regex is null) Add(place, "INVALID_PATTERN", error);
        return regex;
    }

    private SchemaNode? ReadOptional(string keyword, Dictionary<string, int> keywords, Place place) =>
        keywords.TryGetValue(keyword, out var token) ? ReadSchema(token, place.Property(keyword), keyword) : null;

    private SchemaNode[] ReadSchemas(int token, Place place, string keyword)
    {
        if (_tape[token] is { Kind: RecordValueKind.Array, Count: > 0 }) return [.. ElementsOf(token).Select((element, index) => ReadSchema(element, place.Element(index), keyword))];
        WrongType(token, place, "an array of schemas, with at least one");
        return [];
    }

    private List<string> ReadNames(int token, Place place)
    {
        var names = new List<string>();
        if (_tape[token].Kind != RecordValueKind.Array)
        {
            WrongType(token, place, "an array of strings");
            return names;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, element) in ElementsOf(token).Index())
        {
            if (ReadString(element, place.Element(index)) is not { } name) continue;
            if (!seen.Add(name)) Add(place.Element(index), "INVALID_VALUE", $"\"{name}\" stands here more than once.");
            names.Add(name);
        }

        return names;
    }

    private long? ReadCount(int token, Place place)
    {
        if (_tape[token].Kind == RecordValueKind.Number && _tape.NumberOf(token) is { IsInteger: true, Sign: >= 0 } number) return number.ToCount();
        WrongType(token, place, "an integer of at least 0");
        return null;
    }

    private string? ReadString(int token, Place place)
    {
        if (_tape[token].Kind == RecordValueKind.String) return _tape.StringOf(token);
        WrongType(token, place, "a string");
        return null;
    }

    private bool ReadBoolean(int token, Place place)
    {
        if (_tape[token].Kind != RecordValueKind.Boolean) WrongType(token, place, "a boolean");
        return _tape[token].IsTrue;
    }

    private List<(string Name, int Value)> ObjectAt(int token, Place place)
    {
        if (_tape[token].Kind == RecordValueKind.Object) return PropertiesOf(token);
        WrongType(token, place, "an object");
        return [];
    }

    private List<(string Name, int Value)> PropertiesOf(int token)
    {
        var properties = new List<(string, int)>();
        for (var name = token + 1; name < _tape[token].Next; name = _tape[name + 1].Next) properties.Add((_tape.StringOf(name), name + 1));
        return properties;
    }

    private List<int> ElementsOf(int token)
    {
        var elements = new List<int>();
        for (var element = token + 1; element < _tape[token].Next; element = _tape[element].Next) elements.Add(element);
        return elements;
    }

    private void WrongType(int token, Place place, string expected) => Add(place, "INVALID_TYPE", $"{place.Name} must be {expected}; it is {_tape.ExcerptOf(token)}.");

    private void Add(Place place, string code, string message)
    {
        if (_errors.Count < MaxErrors) _errors.Add(new ErrorDetail(place.Path, code, message));
    }

    /// <summary>Where something stands: as JSON pointer in the schema, as path in the request, and within what an <c>$id</c> names.</summary>
    private readonly record struct Place(string Pointer, string Path, SchemaResource Resource)
    {
        internal string Name => Path[(Path.LastIndexOf('.') + 1)..];

        internal Place Property(string name) => this with { Pointer = JsonPointer.Append(Pointer, name), Path = $"{Path}.{name}" };

        internal Place Element(int index) => this with { Pointer = JsonPointer.Append(Pointer, index.ToString(CultureInfo.InvariantCulture)), Path = string.Create(CultureInfo.InvariantCulture, $"{Path}[{index}]") };
    }
}
