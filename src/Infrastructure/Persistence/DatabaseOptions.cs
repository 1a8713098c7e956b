using System.Globalization;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>How the service meets its database at start: section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    public const int MaxStartupTimeoutSeconds = 3_600;

    /// <summary>Whether the schema is brought up to date at start. Default: true. Where it is false, the <c>migrate</c> command does it.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>For how many seconds a database that is out of reach is waited for at start, 0 to <see cref="MaxStartupTimeoutSeconds"/>. Default: 30.</summary>
    public int StartupTimeoutSeconds { get; set; } = 30;

    internal TimeSpan StartupTimeout => TimeSpan.FromSeconds(StartupTimeoutSeconds);

    internal bool IsValid => StartupTimeoutSeconds is >= 0 and <= MaxStartupTimeoutSeconds;

    internal static string Rule => string.Create(CultureInfo.InvariantCulture, $"Database:StartupTimeoutSeconds must be between 0 and {MaxStartupTimeoutSeconds}.");
}
