using DataPipeline.WebApi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The document as it is served. It is the same for everybody, needs no key and takes long to make: it is made once.</summary>
internal sealed class ServedDocument([FromKeyedServices(DocumentSetup.Name)] IOpenApiDocumentProvider document)
{
    private readonly Lazy<Task<byte[]>> _json = new(() => WriteAsync(document));

    internal static async Task<FileContentHttpResult> Answer(ServedDocument served) => TypedResults.Bytes(await served._json.Value, Acceptance.Json);

    private static async Task<byte[]> WriteAsync(IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_0, CancellationToken.None);
        return json.ToArray();
    }
}
