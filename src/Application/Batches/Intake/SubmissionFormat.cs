using System.Net.Http.Headers;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>What a body is, from its headers.</summary>
/// <param name="MediaType">One of the three that are taken, lower-case.</param>
/// <param name="Encoding">The one encoding, lower-case; <c>null</c> for none.</param>
internal sealed record SubmissionFormat(string MediaType, string? Encoding)
{
    private const string Json = "application/json";
    private const string NdJson = "application/x-ndjson";
    private const string Csv = "text/csv";

    internal static Result<SubmissionFormat> Of(string? contentType, string? contentEncoding)
    {
        var type = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed : null;
        var mediaType = type?.MediaType?.ToLowerInvariant();
        if (mediaType is not (Json or NdJson or Csv))
            return BatchErrors.UnsupportedMediaType($"Content-Type must be {Json}, {NdJson} or {Csv}.");
        if (type!.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return BatchErrors.UnsupportedMediaType("A body must be in UTF-8.");
        if (mediaType == Csv && type.Parameters.Any(p => p.Name.Equals("header", StringComparison.OrdinalIgnoreCase) && p.Value?.Trim('"').Equals("absent", StringComparison.OrdinalIgnoreCase) == true))
            return BatchErrors.UnsupportedMediaType("A CSV body must have a header line.");

        var encodings = (contentEncoding ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(e => e.ToLowerInvariant()).Where(e => e != "identity").ToList();
        if (encodings.Count > 1 || encodings.Any(e => e is not ("gzip" or "x-gzip" or "br" or "deflate")))
            return BatchErrors.UnsupportedMediaType("Content-Encoding must be one of gzip, br, deflate and identity.");
        return new SubmissionFormat(mediaType, encodings.SingleOrDefault());
    }

    internal BodyParser CreateParser(BatchOptions limits, ChunkCutter chunk, PooledBuffer scratch) => MediaType switch
    {
        Json => new JsonBodyParser(limits, chunk),
        NdJson => new NdJsonBodyParser(limits, chunk),
        _ => new CsvBodyParser(limits, chunk, scratch),
    };
}
