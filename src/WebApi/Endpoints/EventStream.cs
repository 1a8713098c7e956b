using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Events;
using DataPipeline.WebApi.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>Server-sent events, as the HTML standard has them, written as they come.</summary>
internal sealed class EventStream(IWatch watch) : IResult
{
    private const int ShortestRetryMs = 1_000;
    private const int LongestRetryMs = 3_000;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = Acceptance.EventStream;
        response.Headers["X-Accel-Buffering"] = "no";
        if (httpContext.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) metrics.MetricsDisabled = true; // It lasts as long as somebody looks, which says nothing of the service.
        var json = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var body = response.BodyWriter;

        // Each stream has a time of its own, so that those of a process that stops do not come back all at once.
        Write(body, $"retry: {RandomNumberGenerator.GetInt32(ShortestRetryMs, LongestRetryMs)}\n\n");
        await body.FlushAsync(ct);
        await foreach (var events in watch.ReadAsync(ct))
        {
            if (events.Count == 0) body.Write(":\n\n"u8);
            foreach (var told in events) Write(body, told, json);
            await body.FlushAsync(ct);
        }
    }

    private static void Write(IBufferWriter<byte> body, WatchEvent told, JsonSerializerOptions json)
    {
        if (told.Id is { } id) Write(body, $"id: {id}\n");
        switch (told)
        {
            case BatchEvent { Batch: var batch }:
                Write(body, batch.IsFinished ? "event: finished\ndata: " : "event: progress\ndata: ");
                body.Write(JsonSerializer.SerializeToUtf8Bytes(BatchResponse.Of(batch), json));
                break;
            case PipelineEvent { Pipeline: var pipeline }:
                Write(body, "event: pipeline\ndata: ");
                body.Write(JsonSerializer.SerializeToUtf8Bytes(pipeline, json));
                break;
        }

        body.Write("\n\n"u8);
    }

    private static void Write(IBufferWriter<byte> body, string text) => Encoding.UTF8.GetBytes(text, body);
}
