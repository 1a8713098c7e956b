using System.Reflection;
using System.Text.Json.Nodes;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>Requests and answers as they were in earnest, beside the code: <c>&lt;operation&gt;.request.&lt;extension&gt;</c> and <c>&lt;operation&gt;.&lt;status&gt;.&lt;extension&gt;</c>.</summary>
internal static class Examples
{
    private static readonly Assembly Home = typeof(Examples).Assembly;

    private static readonly Dictionary<string, string> Extensions = new(StringComparer.Ordinal)
    {
        ["application/json"] = "json",
        ["application/x-ndjson"] = "ndjson",
        ["text/csv"] = "csv",
        ["text/event-stream"] = "txt",
    };

    /// <param name="part"><c>request</c>, or the answer's status.</param>
    /// <returns>JSON where the type is JSON, else a text; <c>null</c> where there is no example.</returns>
    internal static JsonNode? Find(string operationId, string part, string contentType)
    {
        using var resource = Home.GetManifestResourceStream($"{operationId}.{part}.{Extensions[contentType]}");
        if (resource is null) return null;
        if (contentType == "application/json") return JsonNode.Parse(resource);
        using var reader = new StreamReader(resource);
        return JsonValue.Create(reader.ReadToEnd());
    }
}
