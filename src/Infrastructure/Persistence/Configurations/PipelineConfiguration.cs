using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataPipeline.Infrastructure.Persistence.Configurations;

internal sealed class PipelineConfiguration : IEntityTypeConfiguration<Pipeline>
{
    /// <summary>How a violation of the name's uniqueness is recognised on PostgreSQL.</summary>
    internal const string NameIndex = "ux_pipelines_owner_id_name_key";

    public void Configure(EntityTypeBuilder<Pipeline> builder)
    {
        builder.ToTable("pipelines");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.Property(p => p.Name).HasMaxLength(Pipeline.NameMaxLength);
        builder.Property(p => p.NameKey).HasMaxLength(Pipeline.NameMaxLength).HasConversion<StorableTextConverter>(); // A name to look for may be anything.
        builder.Property(p => p.Description).HasMaxLength(Pipeline.DescriptionMaxLength);
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasIndex(p => new { p.OwnerId, p.Status });
        builder.HasIndex(p => new { p.OwnerId, p.Id });
        builder.HasIndex(p => new { p.OwnerId, p.NameKey }).IsUnique().HasDatabaseName(NameIndex);
    }
}

internal sealed class PipelineVersionConfiguration : IEntityTypeConfiguration<PipelineVersionRow>
{
    public void Configure(EntityTypeBuilder<PipelineVersionRow> builder)
    {
        builder.ToTable("pipeline_versions");
        builder.HasKey(v => new { v.PipelineId, v.Version });
        builder.Property(v => v.Name).HasMaxLength(Pipeline.NameMaxLength);
        builder.HasOne<Pipeline>().WithMany().HasForeignKey(v => v.PipelineId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class PipelineCountersConfiguration : IEntityTypeConfiguration<PipelineCountersRow>
{
    public void Configure(EntityTypeBuilder<PipelineCountersRow> builder)
    {
        builder.ToTable("pipeline_counters");
        builder.HasKey(c => c.PipelineId);
        builder.HasOne<Pipeline>().WithOne().HasForeignKey<PipelineCountersRow>(c => c.PipelineId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ProcessorStatisticsConfiguration : IEntityTypeConfiguration<ProcessorStatisticsRow>
{
    public void Configure(EntityTypeBuilder<ProcessorStatisticsRow> builder)
    {
        builder.ToTable("processor_statistics");
        builder.HasKey(s => new { s.PipelineId, s.Version, s.ProcessorIndex });
        builder.HasOne<Pipeline>().WithMany().HasForeignKey(s => s.PipelineId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class MetricBucketConfiguration : IEntityTypeConfiguration<MetricBucketRow>
{
    public void Configure(EntityTypeBuilder<MetricBucketRow> builder)
    {
        builder.ToTable("metric_buckets");
        builder.HasKey(b => new { b.PipelineId, b.StartedAt });
        builder.HasIndex(b => b.StartedAt);
        builder.HasOne<Pipeline>().WithMany().HasForeignKey(b => b.PipelineId).OnDelete(DeleteBehavior.Cascade);
    }
}
