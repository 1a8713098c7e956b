using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Sqlite
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
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "metric_buckets",
                columns: table => new
                {
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    delivered = table.Column<long>(type: "INTEGER", nullable: false),
                    dropped = table.Column<long>(type: "INTEGER", nullable: false),
                    failed = table.Column<long>(type: "INTEGER", nullable: false)
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
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    processor_index = table.Column<int>(type: "INTEGER", nullable: false),
                    records = table.Column<long>(type: "INTEGER", nullable: false),
                    failed = table.Column<long>(type: "INTEGER", nullable: false),
                    dropped = table.Column<long>(type: "INTEGER", nullable: false),
                    total_ms = table.Column<double>(type: "REAL", nullable: false)
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
