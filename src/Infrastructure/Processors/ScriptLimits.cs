using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What a script may use up per record: section <c>Script</c>. The defaults are the most there is; a setting can only lower them.</summary>
internal sealed class ScriptLimits
{
    internal const string Section = "Script";
    public const int MaxTimeoutMilliseconds = 50;
    public const int MinMemoryBytes = 256 * 1_024;
    public const int MaxMemoryBytes = 8 * 1_024 * 1_024;
    public const int MaxMaxStatements = 10_000;
    public const int MaxMaxFrames = 64;

    /// <summary>For how many milliseconds a script may run, 1 to <see cref="MaxTimeoutMilliseconds"/>. Default: 50.</summary>
    [Range(1, MaxTimeoutMilliseconds)]
    public int TimeoutMilliseconds { get; set; } = MaxTimeoutMilliseconds;

    /// <summary>How many bytes a script may allocate, <see cref="MinMemoryBytes"/> to <see cref="MaxMemoryBytes"/>. Default: 8 MiB.</summary>
    [Range(MinMemoryBytes, MaxMemoryBytes)]
    public int MemoryBytes { get; set; } = MaxMemoryBytes;

    /// <summary>How many statements a script may execute, 1 to <see cref="MaxMaxStatements"/>. Default: 10,000.</summary>
    [Range(1, MaxMaxStatements)]
    public int MaxStatements { get; set; } = MaxMaxStatements;

    /// <summary>How often a function may be on the stack at once, 1 to <see cref="MaxMaxFrames"/>. Default: 64.</summary>
    [Range(1, MaxMaxFrames)]
    public int MaxFrames { get; set; } = MaxMaxFrames;
}
