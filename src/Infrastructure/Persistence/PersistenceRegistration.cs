using System.Data.Common;
using System.Diagnostics;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Observability;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Encryption;
using DataPipeline.Infrastructure.Persistence.Intake;
using DataPipeline.Infrastructure.Persistence.Postgres;
using DataPipeline.Infrastructure.Persistence.Queue;
using DataPipeline.Infrastructure.Persistence.Repositories;
using DataPipeline.Infrastructure.Persistence.Signals;
using DataPipeline.Infrastructure.Persistence.Sqlite;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DataPipeline.Infrastructure.Persistence;

internal static class PersistenceRegistration
{
    private const int KeepAliveSeconds = 30;
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int WriteBufferBytes = 32 << 10;
    private const string DefaultSqlite = "Data Source=data/datapipeline.db";

    /// <summary>PostgreSQL where <c>ConnectionStrings:Postgres</c> is set, else SQLite.</summary>
    internal static IServiceCollection AddPersistence(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<DatabaseOptions>(configuration, DatabaseOptions.Section);
        services.AddSettings<ConnectionStringsOptions>(configuration, ConnectionStringsOptions.Section).AddSingleton<IValidateOptions<ConnectionStringsOptions>, ConnectionStringsValidator>();
        services.AddSettings<SecretsOptions>(configuration, SecretsOptions.Section).AddSingleton<IValidateOptions<SecretsOptions>, SecretsOptionsValidator>();
        services.AddSingleton<ConfigEncryption>().AddSingleton<IStoredConfigurations, StoredConfigurations>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics().AddSingleton<ServiceMetrics>();
        services.AddSingleton<IIdGenerator, UuidV7Generator>();
        if (configuration.GetConnectionString("Postgres") is { Length: > 0 } postgres) services.AddPostgres(postgres, configuration);
        else services.AddSqlite(configuration.GetConnectionString("Sqlite") is { Length: > 0 } sqlite ? sqlite : DefaultSqlite);

        services.AddSingleton<IDatabase>(provider => provider.GetRequiredService<Database>());
        services.AddHostedService<StartupMigration>();
        services.AddHostedService<EncryptionCheck>();
        services.AddSingleton<IBatchQueue>(provider => provider.GetRequiredService<BatchQueue>());
        services.AddSingleton<IBatchStore, BatchStore>();
        services.AddSingleton<WorkerDirectory>();
        services.AddSingleton<IPipelineVersions, PipelineVersions>();
        services.AddSingleton<IPipelineMetrics, PipelineMetricsReader>();
        services.AddScoped(provider => provider.GetRequiredService<Database>().Open());
        services.AddScoped<IUnitOfWork, UnitOfWork>();
        services.AddScoped<IReadDb, ReadDb>();
        services.AddScoped<IPipelineRepository, PipelineRepository>();
        services.AddScoped<IBatchRepository, BatchRepository>();
        services.AddScoped<IApiKeyRepository, ApiKeyRepository>();
        return services;
    }

    private static void AddPostgres(this IServiceCollection services, string connectionString, IConfiguration configuration)
    {
        services.AddSingleton(_ =>
        {
            var source = new NpgsqlDataSourceBuilder(connectionString) { Name = "datapipeline" };
            source.ConnectionStringBuilder.ApplicationName ??= "datapipeline";

            // The connection that listens lies idle, and must notice when the server is gone.
            if (source.ConnectionStringBuilder.KeepAlive == 0) source.ConnectionStringBuilder.KeepAlive = KeepAliveSeconds;

            // Whoever waits for an answer is told in time that there is none: the client waits for the statement, and then as long as for two connections to have it cancelled.
            SetUnlessGiven(source.ConnectionStringBuilder, "Timeout", ConnectSeconds);
            SetUnlessGiven(source.ConnectionStringBuilder, "Command Timeout", CommandSeconds);

            // Chunks are megabytes: the client's 8 KiB would be hundreds of writes to the socket.
            source.ConnectionStringBuilder.WriteBufferSize = Math.Max(source.ConnectionStringBuilder.WriteBufferSize, WriteBufferBytes);

            // A server's detail quotes the row it refuses.
            source.ConnectionStringBuilder.IncludeErrorDetail = false;

            // What is done within a request or for a chunk: what is done again and again to look for work would be a trace each time.
            source.ConfigureTracing(tracing => tracing
                .ConfigureCommandFilter(_ => Activity.Current is not null).ConfigureBatchFilter(_ => Activity.Current is not null).ConfigureCopyOperationFilter(_ => Activity.Current is not null)
                .EnablePhysicalOpenTracing(false).EnableFirstResponseEvent(false));
            return source.Build();
        });
        services.AddPooledDbContextFactory<PostgresAppDbContext>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).UseSnakeCaseNamingConvention().ReplaceService<IModelCacheKeyFactory, EncryptionModels>());
        services.AddSingleton<PostgresDatabase>();
        services.AddSingleton<Database>(provider => provider.GetRequiredService<PostgresDatabase>());
        services.AddSingleton<BatchQueue, PostgresBatchQueue>();
        services.AddSingleton<IBatchIntake, PostgresBatchIntake>();
        if (!configuration.IsOn($"{DatabaseOptions.Section}:{nameof(DatabaseOptions.Notifications)}"))
        {
            services.AddSingleton<IBatchSignals, BatchSignals>();
            return;
        }

        services.AddSingleton<PostgresBatchSignals>();
        services.AddSingleton<IBatchSignals>(provider => provider.GetRequiredService<PostgresBatchSignals>());
        services.AddHostedService(provider => provider.GetRequiredService<PostgresBatchSignals>());
    }

    private static void AddSqlite(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(_ =>
        {
            var connection = new SqliteConnectionStringBuilder(connectionString);
            SetUnlessGiven(connection, "Default Timeout", CommandSeconds);
            return connection;
        });
        services.AddPooledDbContextFactory<SqliteAppDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString).AddInterceptors(new SqliteConnectionSetup()).UseSnakeCaseNamingConvention().ReplaceService<IModelCacheKeyFactory, EncryptionModels>());
        services.AddSingleton<SqliteDatabase>();
        services.AddSingleton<Database>(provider => provider.GetRequiredService<SqliteDatabase>());
        services.AddSingleton<BatchQueue, SqliteBatchQueue>();
        services.AddSingleton<IBatchIntake, SqliteBatchIntake>();
        services.AddSingleton<IBatchSignals, BatchSignals>();
    }

    private static void SetUnlessGiven(DbConnectionStringBuilder connection, string keyword, int value)
    {
        if (!connection.ShouldSerialize(keyword)) connection[keyword] = value;
    }
}
