using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RetentionIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_metric_buckets_started_at",
                table: "metric_buckets",
                column: "started_at");

            migrationBuilder.CreateIndex(
                name: "ix_batches_completed_at",
                table: "batches",
                column: "completed_at",
                filter: "completed_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_batches_pipeline_id_pipeline_version",
                table: "batches",
                columns: new[] { "pipeline_id", "pipeline_version" });
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
