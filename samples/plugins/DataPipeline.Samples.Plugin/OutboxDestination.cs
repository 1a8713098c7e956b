using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Samples.Plugin;

/// <summary>Options of <c>outbox</c>.</summary>
public sealed record OutboxOptions : IValidatedOptions
{
    /// <summary>The folder to write into, within the outbox.</summary>
    [Description("The folder to write into, within the outbox: letters, digits, hyphens.")]
    public required string Folder { get; init; }

    /// <inheritdoc/>
    public IEnumerable<OptionProblem> Validate()
    {
        if (!Folder.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')) yield return new OptionProblem("folder", "INVALID_VALUE", "folder may have letters, digits and hyphens only.");
    }
}

/// <summary>
/// Writes each chunk's records into a file of its own. A chunk that comes again, after a crash before its commit, replaces its file: no record is there twice.
/// </summary>
[Destination("outbox", "1.0", Description = "Writes records as lines of JSON into files under the system's temporary folder.")]
[Example("""{ "type": "outbox", "options": { "folder": "orders" } }""")]
public sealed class OutboxDestination : IDestination
{
    private readonly string _folder;

    /// <summary>Makes the folder, once per pipeline version and worker.</summary>
    public OutboxDestination(OutboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _folder = Path.Combine(Root, options.Folder);
    }

    /// <summary>The outbox.</summary>
    public static string Root => Path.Combine(Path.GetTempPath(), "datapipeline-outbox");

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        Directory.CreateDirectory(_folder);
        var path = Path.Combine(_folder, $"{chunk.BatchId}-{chunk.FirstRecord}.ndjson");
        var aside = path + ".tmp";
        await using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            foreach (var record in chunk.Records)
            {
                await file.WriteAsync(record.Json, cancellationToken);
                file.WriteByte((byte)'\n');
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
