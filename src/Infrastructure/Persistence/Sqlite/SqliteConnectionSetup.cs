using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataPipeline.Infrastructure.Persistence.Sqlite;

/// <summary>Settings that SQLite keeps per connection: a commit is on disk when it returns, and a writer of another process is waited for.</summary>
internal sealed class SqliteConnectionSetup : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        var patience = TimeSpan.FromSeconds(((SqliteConnection)connection).DefaultTimeout);
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = {patience.TotalMilliseconds}");
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
