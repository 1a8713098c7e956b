using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>The folder that the <c>file</c> destination's <c>path</c> names for a batch, relative to the root and never outside it.</summary>
internal static class FilePath
{
    private const string BatchId = "batch.id";
    private const int MaxLength = 1_000;
    private const int MaxSegmentBytes = 255;
    private static readonly string[] Placeholders = ["pipeline.id", "pipeline.name", BatchId];

    /// <returns>What is wrong with the template, or <c>null</c>.</returns>
    internal static string? FindFault(Template path)
    {
        if (path.Placeholders.FirstOrDefault(name => !Placeholders.Contains(name)) is { } unknown)
            return $"A folder is made for a whole batch, so path cannot use {{{{{unknown}}}}}: only {string.Join(", ", Placeholders)}.";
        return FindFault(Format(path, Guid.Empty, "name", Guid.Empty));
    }

    /// <exception cref="DeliveryException">The names that go into the path make one that is refused.</exception>
    internal static string Of(Template path, Guid pipelineId, string pipelineName, Guid batchId)
    {
        var relative = Format(path, pipelineId, pipelineName, batchId);
        return FindFault(relative) is { } fault ? throw new DeliveryException($"The path \"{relative}\" cannot be used. {fault}") { IsPermanent = true } : relative;
    }

    private static string Format(Template path, Guid pipelineId, string pipelineName, Guid batchId)
    {
        var context = new ProcessorContext(TimeProvider.System) { PipelineId = pipelineId, PipelineName = Encode(pipelineName), BatchId = batchId };
        var formatted = path.Format(Record.Of(RecordValue.FromObject([])), context);
        if (formatted.EndsWith('/') && formatted.Length > 1) formatted = formatted[..^1];
        return path.Placeholders.Contains(BatchId) ? formatted : $"{formatted}/{batchId}";
    }

    private static string? FindFault(string path)
    {
        if (path.Length > MaxLength) return $"path may have at most {MaxLength} characters.";
        if (Path.IsPathRooted(path) || path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal)) return "path must be relative, with / between folders, and without \\ and :.";
        if (path.Any(char.IsControl)) return "path must not contain control characters.";
        foreach (var segment in path.Split('/'))
        {
            if (segment is "." or "..") return "path must not contain the folders . and ..: it stays under the service's folder for files.";
            if (string.IsNullOrWhiteSpace(segment)) return "path must not be empty or have empty parts.";
            if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes) return $"A folder's name may have at most {MaxSegmentBytes} bytes.";
        }

        return null;
    }

    /// <summary>A name as one folder's name, different for different names.</summary>
    private static string Encode(string name)
    {
        if (name.All(IsPlain) && !name.StartsWith('.')) return name;
        var encoded = new StringBuilder(name.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.IsBmp && IsPlain((char)rune.Value) && (encoded.Length > 0 || rune.Value != '.'))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)]) encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    private static bool IsPlain(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ' ';
}
