using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Retention : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks");

            migrationBuilder.AddColumn<long>(
                name: "created_at",
                table: "pipeline_versions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "payload_bytes",
                table: "batches",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "retention",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false),
                    records_until = table.Column<long>(type: "INTEGER", nullable: true),
                    errors_until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_retention", x => x.id);
                });

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
