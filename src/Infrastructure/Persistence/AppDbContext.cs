using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Encryption;
using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Persistence;

internal abstract class AppDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>What the context's model encrypts configurations with.</summary>
    internal ConfigEncryption Encryption { get; } = options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<ConfigEncryption>() ?? ConfigEncryption.Default;

    public DbSet<Pipeline> Pipelines => Set<Pipeline>();

    public DbSet<PipelineVersionRow> PipelineVersions => Set<PipelineVersionRow>();

    public DbSet<PipelineCountersRow> PipelineCounters => Set<PipelineCountersRow>();

    public DbSet<ProcessorStatisticsRow> ProcessorStatistics => Set<ProcessorStatisticsRow>();

    public DbSet<MetricBucketRow> MetricBuckets => Set<MetricBucketRow>();

    public DbSet<Batch> Batches => Set<Batch>();

    /// <summary>The batches that their owners still have: those of deleted pipelines only wait to be removed.</summary>
    public IQueryable<Batch> LivingBatches => Batches.AsNoTracking().Where(batch => Pipelines.Any(pipeline => pipeline.Id == batch.PipelineId && pipeline.OwnerId == batch.OwnerId));

    public DbSet<BatchChunkRow> BatchChunks => Set<BatchChunkRow>();

    public DbSet<WorkerRow> Workers => Set<WorkerRow>();

    public DbSet<BatchErrorRow> BatchErrors => Set<BatchErrorRow>();

    public DbSet<DeliveredRecordRow> DeliveredRecords => Set<DeliveredRecordRow>();

    public DbSet<IdempotencyKeyRow> IdempotencyKeys => Set<IdempotencyKeyRow>();

    public DbSet<RetentionRow> Retention => Set<RetentionRow>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        KeepNewVersions();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<OwnerId>().HaveConversion<OwnerIdConverter>().HaveMaxLength(OwnerId.MaxLength);
        configurationBuilder.Properties<PipelineStatus>().HaveConversion<LowerCaseConverter<PipelineStatus>>().HaveMaxLength(20);
        configurationBuilder.Properties<BatchStatus>().HaveConversion<LowerCaseConverter<BatchStatus>>().HaveMaxLength(20);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AppDbContext).Assembly);
        var converter = new PipelineConfigConverter(Encryption);
        modelBuilder.Entity<Pipeline>().Property(p => p.Config).HasConversion(converter);
        modelBuilder.Entity<PipelineVersionRow>().Property(v => v.Config).HasConversion(converter);
    }

    /// <summary>Batches run under the version they were submitted under, so none is lost when a pipeline is redefined.</summary>
    private void KeepNewVersions()
    {
        foreach (var entry in ChangeTracker.Entries<Pipeline>().ToList())
        {
            if (entry.State == EntityState.Added || entry.Property(p => p.Version).IsModified)
                PipelineVersions.Add(new PipelineVersionRow { PipelineId = entry.Entity.Id, Version = entry.Entity.Version, Name = entry.Entity.Name, Config = entry.Entity.Config, CreatedAt = entry.Entity.UpdatedAt });
        }
    }
}
