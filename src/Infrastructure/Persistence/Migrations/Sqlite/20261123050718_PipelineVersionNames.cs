using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PipelineVersionNames : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "name",
                table: "pipeline_versions",
                type: "TEXT",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            // Of names that were changed nothing is known any more.
            migrationBuilder.Sql("UPDATE pipeline_versions SET name = (SELECT p.name FROM pipelines p WHERE p.id = pipeline_versions.pipeline_id)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "name",
                table: "pipeline_versions");
        }
    }
}
