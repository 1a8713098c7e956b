using DataPipeline.WebApi.Errors;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The headers that answers carry, as the document shows them.</summary>
internal static class ResponseHeaders
{
    internal const string ETag = "ETag";
    internal const string Location = "Location";
    internal const string IdempotentReplayed = "Idempotent-Replayed";
    private const string RequestId = "X-Request-Id";
    private const string RateLimit = "RateLimit";
    private const string RateLimitPolicy = "RateLimit-Policy";
    private const string RetryAfter = "Retry-After";

    private static readonly Dictionary<string, OpenApiHeader> All = new(StringComparer.Ordinal)
    {
        [ETag] = Text("The pipeline's version as an entity tag, for If-Match and If-None-Match.", "\"3\""),
        [Location] = Text("The path of what the answer shows.", "/api/v1/pipelines/01a21442-0037-77a3-a34c-a4bc3c090020"),
        [IdempotentReplayed] = Text("true where an earlier request with the same Idempotency-Key is answered again and nothing was created; else absent.", "true"),
        [RequestId] = Text("The X-Request-Id of the request, or one that was made for it; it is in the logs.", "01a2140d-811f-76a3-98db-56b8d6eea9ce"),
        [RateLimit] = Text("How many requests are left (r), and in how many seconds there are more (t); where a key has a limit of records and the request submits some, how many of them are left, as \"records\".", "\"default\";r=599;t=60"),
        [RateLimitPolicy] = Text("How many requests the key has (q) in how many seconds (w); where it has a limit of records, how many of them, as \"records\".", "\"default\";q=600;w=60, \"records\";q=10000;w=60"),
        [RetryAfter] = new OpenApiHeader { Description = "In how many seconds trying again may help.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" }, Example = 12 },
    };

    /// <param name="special">The headers that this answer has beside those that every answer to a valid key has.</param>
    internal static IDictionary<string, IOpenApiHeader> OfSuccess(IEnumerable<string> special, OpenApiDocument document) => Refer([.. special, RequestId, RateLimit, RateLimitPolicy], document);

    internal static IDictionary<string, IOpenApiHeader> Of(HttpError refusal, OpenApiDocument document) => Refer(
        [.. refusal.RetryAfter is null ? [] : (string[])[RetryAfter], RequestId, .. refusal.Status == StatusCodes.Status401Unauthorized ? [] : (string[])[RateLimit, RateLimitPolicy]], document);

    private static Dictionary<string, IOpenApiHeader> Refer(IEnumerable<string> names, OpenApiDocument document) => names.ToDictionary(name => name, name =>
    {
        document.AddComponent<IOpenApiHeader>(name, All[name]);
        return (IOpenApiHeader)new OpenApiHeaderReference(name, document);
    });

    private static OpenApiHeader Text(string description, string example) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example };
}
