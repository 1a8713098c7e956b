using System.Globalization;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>What a script may use up per record: section <c>Script</c>. The defaults are the most there is; a setting can only lower them.</summary>
internal sealed class ScriptLimits
{
    public const int MaxTimeoutMilliseconds = 50;
    public const int MinMemoryBytes = 256 * 1_024;
    public const int MaxMemoryBytes = 8 * 1_024 * 1_024;
    public const int MaxMaxStatements = 10_000;
    public const int MaxMaxFrames = 64;

    /// <summary>For how many milliseconds a script may run, 1 to <see cref="MaxTimeoutMilliseconds"/>. Default: 50.</summary>
    public int TimeoutMilliseconds { get; set; } = MaxTimeoutMilliseconds;

    /// <summary>How many bytes a script may allocate, <see cref="MinMemoryBytes"/> to <see cref="MaxMemoryBytes"/>. Default: 8 MiB.</summary>
    public int MemoryBytes { get; set; } = MaxMemoryBytes;

    /// <summary>How many statements a script may execute, 1 to <see cref="MaxMaxStatements"/>. Default: 10,000.</summary>
    public int MaxStatements { get; set; } = MaxMaxStatements;

    /// <summary>How often a function may be on the stack at once, 1 to <see cref="MaxMaxFrames"/>. Default: 64.</summary>
    public int MaxFrames { get; set; } = MaxMaxFrames;
}

/// <summary>Refuses, at start, limits that are higher than a script may have.</summary>
internal sealed class ScriptLimitsValidator : IValidateOptions<ScriptLimits>
{
    public ValidateOptionsResult Validate(string? name, ScriptLimits options)
    {
        List<string> faults = [];
        Check(nameof(options.TimeoutMilliseconds), options.TimeoutMilliseconds, 1, ScriptLimits.MaxTimeoutMilliseconds);
        Check(nameof(options.MemoryBytes), options.MemoryBytes, ScriptLimits.MinMemoryBytes, ScriptLimits.MaxMemoryBytes);
        Check(nameof(options.MaxStatements), options.MaxStatements, 1, ScriptLimits.MaxMaxStatements);
        Check(nameof(options.MaxFrames), options.MaxFrames, 1, ScriptLimits.MaxMaxFrames);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string key, int value, int least, int most)
        {
            if (value < least || value > most) faults.Add(string.Create(CultureInfo.InvariantCulture, $"Script:{key} must be between {least} and {most}, but is {value}."));
        }
    }
}
