using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataPipeline.Infrastructure.Persistence.Sqlite;

/// <summary>Settings that SQLite keeps per connection: a commit is on disk when it returns, and a writer of another process is waited for.</summary>
internal sealed class SqliteConnectionSetup : DbConnectionInterceptor
{
    private const string Settings = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
