using System.Data.Common;

namespace DataPipeline.Infrastructure.Persistence.Sqlite;

/// <summary>The form of ids in statements that Entity Framework does not write.</summary>
internal static class SqliteGuid
{
    internal static byte[] Of(Guid id) => id.ToByteArray(bigEndian: true);

    internal static Guid Read(DbDataReader reader, int ordinal) => new(reader.GetFieldValue<byte[]>(ordinal), bigEndian: true);
}
