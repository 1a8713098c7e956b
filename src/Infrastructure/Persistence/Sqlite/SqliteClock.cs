namespace DataPipeline.Infrastructure.Persistence.Sqlite;

/// <summary>The database's clock in the unit in which times are stored: UTC ticks.</summary>
internal static class SqliteClock
{
    /// <summary>An SQL expression, to the millisecond.</summary>
    internal const string Now = "(CAST(unixepoch('subsec') * 1000 AS INTEGER) * 10000 + 621355968000000000)";
}
