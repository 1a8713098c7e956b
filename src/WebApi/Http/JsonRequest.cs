using System.Buffers;
using System.Text.Json;
using DataPipeline.Domain.Common;
using Microsoft.Net.Http.Headers;

namespace DataPipeline.WebApi.Http;

/// <summary>Reads a JSON body that is small enough to be held, and refuses what a reader further in would stumble over.</summary>
internal static class JsonRequest
{
    internal const int MaxBytes = 1 << 20;

    /// <param name="maxDepth">How many objects and arrays may lie in each other.</param>
    /// <param name="opaque">The member of the body whose inside is for somebody else to check; <c>null</c> for none.</param>
    internal static async Task<Result<JsonElement>> ReadAsync(HttpContext http, int maxDepth, string? opaque = null)
    {
        if (TypeFault(http.Request) is { } fault) return fault;
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(http.Request.ContentLength ?? 0, 4096, MaxBytes + 1));
        if (http.Request.ContentLength > MaxBytes) return TooLarge();
        while (await http.Request.Body.ReadAsync(buffer.GetMemory(4096), http.RequestAborted) is > 0 and var read)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxBytes) return TooLarge();
        }

        return Parse(buffer.WrittenMemory, maxDepth, opaque);
    }

    internal static Result<JsonElement> Parse(ReadOnlyMemory<byte> utf8, int maxDepth, string? opaque)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8["\uFEFF"u8.Length..];
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth });
            return JsonCheck.FirstFault(utf8.Span, maxDepth, opaque) is { } fault ? fault : document.RootElement.Clone();
        }
        catch (JsonException bad)
        {
            return Malformed(utf8.IsEmpty ? "it is empty" : Reason(bad), bad.LineNumber ?? 0, bad.BytePositionInLine ?? 0);
        }
    }

    /// <param name="line">From 0.</param>
    /// <param name="bytePosition">In the line, from 0.</param>
    internal static Error Malformed(string reason, long line, long bytePosition) =>
        new(ErrorKind.Validation, "MALFORMED_JSON", $"The body is not valid JSON. Line {line + 1}, byte {bytePosition + 1}: {reason}.");

    /// <summary>The parser's message without the position, which it counts from 0.</summary>
    private static string Reason(JsonException bad) => bad.Message.Split(" LineNumber:")[0].TrimEnd('.');

    private static Error? TypeFault(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encodings && !encodings.All(encoding => encoding is null or "" || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            return Unsupported("The body must not be encoded here.");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJson(type)) return Unsupported("The body must be application/json.");
        return type.Charset is { HasValue: true } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? Unsupported("The body must be UTF-8.") : null;
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || (type.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    private static Error Unsupported(string reason) => new(ErrorKind.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", reason);

    private static Error TooLarge() => new(ErrorKind.TooLarge, "PAYLOAD_TOO_LARGE", $"The body may have at most {MaxBytes} bytes.");
}
