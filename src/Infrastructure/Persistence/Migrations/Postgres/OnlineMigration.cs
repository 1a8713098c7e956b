using Microsoft.EntityFrameworkCore.Migrations;

namespace DataPipeline.Infrastructure.Persistence.Migrations.Postgres;

/// <summary>How a migration spares those who use the database meanwhile. Old and new versions of the service run side by side on its result, so it only ever adds.</summary>
internal static class OnlineMigration
{
    /// <summary>
    /// To be called first. A change of a table waits for every transaction that reads it, a backup's too, and whoever comes later waits behind the change:
    /// it gives up after a few seconds, and the whole migration is tried again.
    /// </summary>
    internal static void GiveWay(this MigrationBuilder migration) => migration.Sql("SET LOCAL lock_timeout = '3s'");

    /// <summary>
    /// Builds an index while the table is written to. It cannot be part of a transaction: a migration that does this does nothing else, so that it can be
    /// repeated after an interruption, which leaves an invalid index behind.
    /// </summary>
    /// <param name="on">Table, columns and condition.</param>
    internal static void CreateIndexConcurrently(this MigrationBuilder migration, string name, string on)
    {
        migration.Sql($"DROP INDEX CONCURRENTLY IF EXISTS {name}", suppressTransaction: true);
        migration.Sql($"CREATE INDEX CONCURRENTLY {name} ON {on}", suppressTransaction: true);
    }
}
