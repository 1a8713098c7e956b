using System.ComponentModel;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Destinations;

internal enum FileCompression
{
    None,
    Gzip,
}

internal sealed record FileDestinationOptions : IValidatedOptions
{
    [Description("The folder under the service's folder for files: a template of pipeline.id, pipeline.name and batch.id. Without batch.id each batch has a folder of its id in it.")]
    public required Template Path { get; init; }

    [Description("How the parts are compressed.")]
    public FileCompression Compression { get; init; }

    public IEnumerable<OptionProblem> Validate() => FilePath.FindFault(Path) is { } fault ? [new OptionProblem("path", "INVALID_VALUE", fault)] : [];
}

/// <summary>
/// One folder a batch, one part a chunk (or each part of one, where it comes in several). It is written aside, brought to the disk and renamed, so that there is all of it
/// or nothing; its name says the chunk's place alone, so that a chunk that comes again replaces what it left behind.
/// </summary>
[Destination(TypeName, "1.0", Description = "Writes files of one JSON record a line, a folder for each batch: exactly once.")]
[Example("""{ "type": "file", "options": { "path": "orders/{{batch.id}}", "compression": "gzip" } }""")]
internal sealed class FileDestination(FileDestinationOptions options, FilesOptions settings) : ICompletingDestination
{
    internal const string TypeName = "file";
    internal const string SuccessMarker = "_SUCCESS";

    private static readonly byte[] LineFeed = [(byte)'\n'];

    private readonly FileFolder _root = new(settings.Root);

    public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
    {
        Write(FilePath.Of(options.Path, chunk.PipelineId, chunk.PipelineName, chunk.BatchId), folder =>
        {
            var part = NameOf(chunk);
            RemoveRemains(folder, $".{part}.*.tmp");
            folder.Replace(part, Aside(part, chunk.Attempt), stream => WriteRecords(stream, chunk.Records, cancellationToken), cancellationToken);
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(DeliveredBatch batch, CancellationToken cancellationToken)
    {
        Write(FilePath.Of(options.Path, batch.PipelineId, batch.PipelineName, batch.BatchId), folder =>
        {
            RemoveRemains(folder, ".*.tmp");
            folder.Replace(SuccessMarker, Aside(SuccessMarker, attempt: 0), stream => JsonSerializer.Serialize(stream, Marker.Of(batch), JsonSerializerOptions.Web), cancellationToken);
        });
        return ValueTask.CompletedTask;
    }

    private static string Aside(string name, int attempt) => string.Create(CultureInfo.InvariantCulture, $".{name}.{attempt}.tmp");

    /// <summary>What was written aside when the process was killed. Of two who have the chunk at once, which a lost lease can bring about, the later one wins.</summary>
    private static void RemoveRemains(FileFolder folder, string pattern)
    {
        foreach (var file in Directory.EnumerateFiles(folder.Path, pattern)) File.Delete(file);
    }

    private void Write(string path, Action<FileFolder> write)
    {
        try
        {
            write(_root.Enter(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DeliveryException($"The files in \"{path}\" could not be written: {ReasonOf(failure)}", failure);
        }
    }

    /// <summary>What the system said, without where on this machine.</summary>
    private static string ReasonOf(Exception failure)
    {
        if (failure is UnauthorizedAccessException) return "Permission denied.";
        var message = failure.Message;
        var place = message.IndexOf('\'', StringComparison.Ordinal) is >= 0 and var quote ? message.LastIndexOf(" : ", quote, StringComparison.Ordinal) : -1;
        return failure switch
        {
            _ when place >= 0 => $"{message[..place]}.",
            _ when message.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) => "The folder cannot be used.",
            _ => message,
        };
    }

    /// <summary>By their names, the parts are in the order of submission.</summary>
    private string NameOf(DeliveryChunk chunk) => string.Create(
        CultureInfo.InvariantCulture, $"part-{chunk.Ordinal:00000}{(chunk.Part == 0 ? "" : $"_{chunk.Part:00000}")}.ndjson{(options.Compression == FileCompression.Gzip ? ".gz" : "")}");

    private void WriteRecords(Stream file, IReadOnlyList<DeliveryRecord> records, CancellationToken ct)
    {
        using var compressed = options.Compression == FileCompression.Gzip ? new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true) : null;
        var output = compressed ?? file;
        foreach (var record in records)
        {
            ct.ThrowIfCancellationRequested();
            output.Write(record.Json.Span);
            output.Write(LineFeed);
        }
    }

    private sealed record Marker(Guid BatchId, Guid PipelineId, int RecordCount, int DeliveredCount, int DroppedCount, int FailedCount)
    {
        internal static Marker Of(DeliveredBatch batch) => new(batch.BatchId, batch.PipelineId, batch.RecordCount, batch.DeliveredCount, batch.DroppedCount, batch.FailedCount);
    }
}
