using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RetentionIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndexConcurrently("ix_metric_buckets_started_at", "metric_buckets (started_at)");
            migrationBuilder.CreateIndexConcurrently("ix_batches_completed_at", "batches (completed_at) WHERE completed_at IS NOT NULL");
            migrationBuilder.CreateIndexConcurrently("ix_batches_pipeline_id_pipeline_version", "batches (pipeline_id, pipeline_version)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_metric_buckets_started_at",
                table: "metric_buckets");

            migrationBuilder.DropIndex(
                name: "ix_batches_completed_at",
                table: "batches");

            migrationBuilder.DropIndex(
                name: "ix_batches_pipeline_id_pipeline_version",
                table: "batches");
        }
    }
}
