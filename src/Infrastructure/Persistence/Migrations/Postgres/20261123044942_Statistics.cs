using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Statistics : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "record_at_failure",
                table: "batch_errors",
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "metric_buckets",
                columns: table => new
                {
                    pipeline_id = table.Column<Guid>(type: "uuid", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    delivered = table.Column<long>(type: "bigint", nullable: false),
                    dropped = table.Column<long>(type: "bigint", nullable: false),
                    failed = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_metric_buckets", x => new { x.pipeline_id, x.started_at });
                    table.ForeignKey(
                        name: "fk_metric_buckets_pipelines_pipeline_id",
                        column: x => x.pipeline_id,
                        principalTable: "pipelines",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "processor_statistics",
                columns: table => new
                {
                    pipeline_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    processor_index = table.Column<int>(type: "integer", nullable: false),
                    records = table.Column<long>(type: "bigint", nullable: false),
                    failed = table.Column<long>(type: "bigint", nullable: false),
                    dropped = table.Column<long>(type: "bigint", nullable: false),
                    total_ms = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_processor_statistics", x => new { x.pipeline_id, x.version, x.processor_index });
                    table.ForeignKey(
                        name: "fk_processor_statistics_pipelines_pipeline_id",
                        column: x => x.pipeline_id,
                        principalTable: "pipelines",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "metric_buckets");

            migrationBuilder.DropTable(
                name: "processor_statistics");

            migrationBuilder.DropColumn(
                name: "record_at_failure",
                table: "batch_errors");
        }
    }
}
