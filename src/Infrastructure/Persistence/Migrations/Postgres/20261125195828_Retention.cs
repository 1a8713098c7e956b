using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.GiveWay();

            migrationBuilder.DropIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "created_at",
                table: "pipeline_versions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "payload_bytes",
                table: "batches",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "retention",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    holder = table.Column<string>(type: "text", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    records_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    errors_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_retention", x => x.id);
                });

            // The queue: every row is written three times and gone within seconds. Vacuum comes by the number of dead rows, however many live ones there are.
            migrationBuilder.Sql("ALTER TABLE batch_chunks SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000)");

            // Counts that each commit raises: with room on their page they are changed in place, without a word to the indexes.
            migrationBuilder.Sql("ALTER TABLE batches SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)");
            foreach (var table in new[] { "pipeline_counters", "metric_buckets", "processor_statistics" }) migrationBuilder.Sql($"ALTER TABLE {table} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)");

            // Large tables of which a little is removed all the time: a fifth of them, the default, would be gigabytes.
            foreach (var table in new[] { "delivered_records", "batch_errors" }) migrationBuilder.Sql($"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02)");

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks",
                column: "id",
                filter: "lease_owner IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "retention");

            migrationBuilder.DropIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "pipeline_versions");

            migrationBuilder.DropColumn(
                name: "payload_bytes",
                table: "batches");

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks",
                column: "lease_until",
                filter: "lease_owner IS NOT NULL");
        }
    }
}
