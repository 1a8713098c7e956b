using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DataPipeline.Infrastructure.Persistence.Sqlite;

/// <summary>A prepared insert below ADO.NET: it binds UTF-8 as it is, where a parameter would want a string of every record.</summary>
internal sealed class SqliteInsert : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    internal SqliteInsert(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        Check(raw.sqlite3_prepare_v2(_connection, sql, out _statement));
    }

    public void Dispose() => _statement.Dispose();

    internal void Bind(int position, ReadOnlySpan<byte> blob) => Check(raw.sqlite3_bind_blob(_statement, position, blob));

    internal void Bind(int position, long value) => Check(raw.sqlite3_bind_int64(_statement, position, value));

    internal void BindUtf8(int position, ReadOnlySpan<byte> text) => Check(raw.sqlite3_bind_text(_statement, position, text));

    internal void BindOrNull(int position, long? value) => Check(value is { } number ? raw.sqlite3_bind_int64(_statement, position, number) : raw.sqlite3_bind_null(_statement, position));

    /// <remarks>Through a span: a string that SQLite is given ends at its first U+0000.</remarks>
    internal void BindOrNull(int position, string? value) => Check(value is null ? raw.sqlite3_bind_null(_statement, position) : raw.sqlite3_bind_text(_statement, position, Encoding.UTF8.GetBytes(value).AsSpan()));

    internal void Execute()
    {
        var result = raw.sqlite3_step(_statement);
        if (result != raw.SQLITE_DONE) Check(result);
        Check(raw.sqlite3_reset(_statement));
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
