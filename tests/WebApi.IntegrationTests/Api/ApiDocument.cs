using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Processing.JsonSchema;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>The document of the API as it is checked in. Whatever a test makes the service answer must be what it says.</summary>
internal sealed class ApiDocument
{
    // What is about the document or about values that JSON Schema does not know.
    private static readonly HashSet<string> Unasserted = ["discriminator", "example", "nullable", "format", "xml", "externalDocs"];

    private readonly ConcurrentDictionary<string, CompiledSchema> _schemas = new(StringComparer.Ordinal);
    private readonly JsonObject _definitions;

    private ApiDocument(string text)
    {
        Root = JsonElement.Parse(text);
        _definitions = new JsonObject(Schemas.EnumerateObject().Select(schema => KeyValuePair.Create(schema.Name, Translate(schema.Value))));
        Text = text;
    }

    internal static ApiDocument CheckedIn { get; } = new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "openapi.json")));

    internal string Text { get; }

    internal JsonElement Root { get; }

    internal IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in Root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (path.Name, operation.Name, operation.Value);

    private JsonElement Schemas => Root.GetProperty("components").GetProperty("schemas");

    /// <summary>Fails the test where an operation gives an answer that the document does not know: its status, its code or the shape of its body.</summary>
    internal void Describes(HttpMethod method, string path, Answer answer)
    {
        if (Find(method, path) is not { } operation || answer is { IsRefusal: true, ErrorCode: "ROUTE_NOT_FOUND" }) return; // A process may be told not to serve the API.
        var status = ((int)answer.Status).ToString(CultureInfo.InvariantCulture);
        var asked = $"{method} {path} answered {status} {answer.Text[..Math.Min(answer.Text.Length, 500)]}";
        Assert.True(operation.GetProperty("responses").TryGetProperty(status, out var response), $"The document does not know this status: {asked}");
        response = Resolve(response);
        if (!response.TryGetProperty("content", out var contents)) Assert.True(answer.Text.Length == 0, $"The document knows no body: {asked}");
        else if (answer.ContentHeaders.ContentType?.MediaType is { } type)
        {
            Assert.True(contents.TryGetProperty(type, out var content), $"The document does not know this type of body: {asked}");
            if (type != "application/json") return;
            if (answer.IsRefusal) Assert.True(content.GetProperty("examples").TryGetProperty(answer.ErrorCode!, out _), $"The document does not know this code: {asked}");
            if (FindFault(content.GetProperty("schema"), answer.Json) is { } fault) Assert.Fail($"The document says otherwise: {fault}: {asked}");
        }
    }

    /// <returns>The first way in which the value is not what the schema of the document says; <c>null</c> where there is none.</returns>
    internal string? FindFault(JsonElement schema, JsonElement value)
    {
        var compiled = _schemas.GetOrAdd(schema.GetRawText(), _ => Compile(schema));
        return compiled.Validate(JsonValues.ToRecordValue(value)) is [var violation, ..] ? $"{violation.Location}: {violation.Message}" : null;
    }

    internal JsonElement Resolve(JsonElement element)
    {
        if (!element.TryGetProperty("$ref", out var reference)) return element;
        return reference.GetString()!.Split('/').Skip(1).Aggregate(Root, (inside, name) => inside.GetProperty(name));
    }

    private JsonElement? Find(HttpMethod method, string address)
    {
        var asked = address.Split('?')[0].Split('/');
        var found = Operations.Where(it => it.Method.Equals(method.Method, StringComparison.OrdinalIgnoreCase) && Matches(it.Path.Split('/'), asked));
        return found.OrderBy(it => it.Path.Count(c => c == '{')).Select(it => (JsonElement?)it.Operation).FirstOrDefault();
    }

    private static bool Matches(string[] template, string[] asked) =>
        template.Length == asked.Length && template.Zip(asked).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);

    private CompiledSchema Compile(JsonElement schema)
    {
        var whole = Translate(schema)!.AsObject();
        whole["$defs"] = _definitions.DeepClone();
        var compiled = JsonSchemaCompiler.Compile(JsonSerializer.SerializeToElement(whole), "");
        Assert.True(compiled.IsSuccess, string.Join('\n', compiled.Error?.Details ?? []));
        return compiled.Value;
    }

    /// <summary>OpenAPI 3.0 in the words of JSON Schema 2020-12.</summary>
    private static JsonNode? Translate(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return JsonNode.Parse(schema.GetRawText());
        var words = new JsonObject();
        foreach (var word in schema.EnumerateObject().Where(word => !Unasserted.Contains(word.Name)))
        {
            words[word.Name] = word.Name switch
            {
                "$ref" => word.Value.GetString()!.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal),
                "properties" => new JsonObject(word.Value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Translate(member.Value)))),
                "items" or "not" or "additionalProperties" => Translate(word.Value),
                "allOf" or "anyOf" or "oneOf" => new JsonArray([.. word.Value.EnumerateArray().Select(Translate)]),
                _ => JsonNode.Parse(word.Value.GetRawText()),
            };
        }

        var isNullable = schema.TryGetProperty("nullable", out var nullable) && nullable.GetBoolean();
        return isNullable ? new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, words) } : words;
    }
}
