using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>How the service meets its database at start: section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    internal const string Section = "Database";

    /// <summary>Whether the schema is brought up to date at start. Default: true. Where it is false, the <c>migrate</c> command does it.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>For how many seconds a database that is out of reach is waited for at start, 0 to an hour. Default: 30.</summary>
    [Range(0, 3_600)]
    public int StartupTimeoutSeconds { get; set; } = 30;

    internal TimeSpan StartupTimeout => TimeSpan.FromSeconds(StartupTimeoutSeconds);
}
