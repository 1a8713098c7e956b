using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>Where the <c>file</c> destination writes: section <c>Files</c>.</summary>
public sealed class FilesOptions
{
    internal const string Section = "Files";

    /// <summary>The folder that holds all files; made where it does not exist. Relative to the working directory. Default: <c>data/files</c>. Several processes share it, or have one pipeline's batches only.</summary>
    [Required]
    public string Root { get; set; } = "data/files";
}
