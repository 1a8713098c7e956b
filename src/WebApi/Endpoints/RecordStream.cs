using System.Buffers;
using DataPipeline.Application.Batches;
using DataPipeline.WebApi.Http;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>Delivered records as NDJSON, written as they are read.</summary>
internal sealed class RecordStream(IAsyncEnumerable<IReadOnlyList<StoredRecord>> records) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = Acceptance.NdJson;
        var body = httpContext.Response.BodyWriter;
        await foreach (var some in records.WithCancellation(httpContext.RequestAborted))
        {
            foreach (var record in some)
            {
                body.Write(record.Record.Span);
                body.Write("\n"u8);
            }

            await body.FlushAsync(httpContext.RequestAborted);
        }
    }
}
