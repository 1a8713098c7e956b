using System.Data.Common;
using DataPipeline.Infrastructure.Redis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>Where the service's data lives, and what its processes share: section <c>ConnectionStrings</c>.</summary>
public sealed class ConnectionStringsOptions
{
    internal const string Section = "ConnectionStrings";

    /// <summary>A PostgreSQL server, in the form in which Npgsql takes it. Wins over <see cref="Sqlite"/>. Default: none.</summary>
    public string? Postgres { get; set; }

    /// <summary>A SQLite file, in the form in which Microsoft.Data.Sqlite takes it. Default: <c>data/datapipeline.db</c>, relative to the working directory.</summary>
    public string? Sqlite { get; set; }

    /// <summary>A Redis server, in the form in which StackExchange.Redis takes it: where processes share rate limits and caches. Default: none; each process keeps its own.</summary>
    public string? Redis { get; set; }
}

/// <summary>Refuses what the databases' clients cannot read. Says nothing of the value, which may hold a password.</summary>
internal sealed class ConnectionStringsValidator : IValidateOptions<ConnectionStringsOptions>
{
    public ValidateOptionsResult Validate(string? name, ConnectionStringsOptions options)
    {
        var faults = new[]
        {
            FaultOf(nameof(options.Postgres), options.Postgres, new NpgsqlConnectionStringBuilder()),
            FaultOf(nameof(options.Sqlite), options.Sqlite, new SqliteConnectionStringBuilder()),
            string.IsNullOrWhiteSpace(options.Redis) || RedisConnectionString.TryRead(options.Redis, out _) ? null : $"{ConnectionStringsOptions.Section}:{nameof(options.Redis)} cannot be read: it is host:port and options, with commas between them, for example redis:6379,ssl=true.",
        }.OfType<string>().ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string? FaultOf(string key, string? value, DbConnectionStringBuilder client)
    {
        try
        {
            client.ConnectionString = value;
            return null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            return $"{ConnectionStringsOptions.Section}:{key} cannot be read: {failure.Message.ReplaceLineEndings(" ")}";
        }
    }
}
