using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>How the service meets its database at start: section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    internal const string Section = "Database";

    /// <summary>Whether the schema is brought up to date at start. Default: true. Where it is false, the <c>migrate</c> command does it, and the start waits for that.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>For how many seconds a database that is out of reach, or not up to date, is waited for at start, 0 to an hour. Default: 30.</summary>
    [Range(0, 3_600)]
    public int StartupTimeoutSeconds { get; set; } = 30;

    /// <summary>
    /// Whether processes tell each other of work by PostgreSQL's LISTEN and NOTIFY. Default: true. False behind a pooler that shares sessions: each process then finds
    /// the others' work by looking for it, see <c>Worker:PollMilliseconds</c>.
    /// </summary>
    public bool Notifications { get; set; } = true;

    internal TimeSpan StartupTimeout => TimeSpan.FromSeconds(StartupTimeoutSeconds);
}
