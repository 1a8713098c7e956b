using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataPipeline.Infrastructure.Persistence.Configurations;

internal sealed class BatchConfiguration : IEntityTypeConfiguration<Batch>
{
    /// <summary>The W3C trace context of the request that submitted the batch: of no meaning to the batch itself.</summary>
    internal const string TraceParent = "TraceParent";
    private const int TraceParentLength = 55;

    /// <summary>How many bytes the batch's chunks took up when it was accepted, compressed as they lie in the queue: of no meaning to the batch itself.</summary>
    internal const string PayloadBytes = "PayloadBytes";

    public void Configure(EntityTypeBuilder<Batch> builder)
    {
        builder.ToTable("batches");
        builder.Property(b => b.Id).ValueGeneratedNever();
        builder.OwnsOne(b => b.Error, error =>
        {
            error.Property(e => e.Code).HasColumnName("error_code");
            error.Property(e => e.Message).HasColumnName("error_message").HasConversion<StorableTextConverter>();
        });
        builder.Property<string?>(TraceParent).HasMaxLength(TraceParentLength);
        builder.Property<long>(PayloadBytes).HasDefaultValue(0L);
        builder.HasOne<Pipeline>().WithMany().HasForeignKey(b => b.PipelineId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(b => new { b.PipelineId, b.Status });
        builder.HasIndex(b => new { b.PipelineId, b.Id });
        builder.HasIndex(b => new { b.PipelineId, b.CompletedAt });
        builder.HasIndex(b => new { b.PipelineId, b.PipelineVersion });
        builder.HasIndex(b => b.CompletedAt).HasFilter("completed_at IS NOT NULL");
        builder.HasIndex(b => b.OwnerId).HasFilter("status IN ('pending', 'processing')").HasDatabaseName("ix_batches_owner_id_unfinished");
    }
}

internal sealed class BatchChunkConfiguration : IEntityTypeConfiguration<BatchChunkRow>
{
    public void Configure(EntityTypeBuilder<BatchChunkRow> builder)
    {
        builder.ToTable("batch_chunks");
        builder.Property(c => c.Id).ValueGeneratedOnAdd();
        builder.HasOne<Batch>().WithMany().HasForeignKey(c => c.BatchId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(c => new { c.BatchId, c.Ordinal }).IsUnique();
        builder.HasIndex(c => new { c.OwnerId, c.Round });
        builder.HasIndex(c => new { c.Round, c.Id }).HasFilter("lease_owner IS NULL").HasDatabaseName("ix_batch_chunks_ready");

        // There are few of them. Without the end of the lease in the index, PostgreSQL renews a lease in place.
        builder.HasIndex(c => c.Id).HasFilter("lease_owner IS NOT NULL").HasDatabaseName("ix_batch_chunks_leased");
    }
}

internal sealed class WorkerConfiguration : IEntityTypeConfiguration<WorkerRow>
{
    public void Configure(EntityTypeBuilder<WorkerRow> builder)
    {
        builder.ToTable("workers");
        builder.Property(w => w.Id).HasMaxLength(32);
    }
}

internal sealed class BatchErrorConfiguration : IEntityTypeConfiguration<BatchErrorRow>
{
    public void Configure(EntityTypeBuilder<BatchErrorRow> builder)
    {
        builder.ToTable("batch_errors");
        builder.Property(e => e.Id).ValueGeneratedOnAdd();
        builder.HasOne<Batch>().WithMany().HasForeignKey(e => e.BatchId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(e => new { e.BatchId, e.RecordIndex }).IsUnique();
    }
}

internal sealed class DeliveredRecordConfiguration : IEntityTypeConfiguration<DeliveredRecordRow>
{
    public void Configure(EntityTypeBuilder<DeliveredRecordRow> builder)
    {
        builder.ToTable("delivered_records");
        builder.HasKey(r => new { r.BatchId, r.RecordIndex });
    }
}

internal sealed class IdempotencyKeyConfiguration : IEntityTypeConfiguration<IdempotencyKeyRow>
{
    public void Configure(EntityTypeBuilder<IdempotencyKeyRow> builder)
    {
        builder.ToTable("idempotency_keys");
        builder.HasKey(k => new { k.PipelineId, k.Key });
        builder.Property(k => k.Key).HasMaxLength(255);
        builder.HasIndex(k => k.ExpiresAt);
    }
}
