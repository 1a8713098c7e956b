using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace DataPipeline.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    internal sealed partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    prefix = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    last_used_at = table.Column<long>(type: "INTEGER", nullable: true),
                    rate_limit = table.Column<int>(type: "INTEGER", nullable: true),
                    is_bootstrap = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                });

            // Without a row id, which would be a second tree to write.
            migrationBuilder.Sql("""
                CREATE TABLE delivered_records (
                  batch_id BLOB NOT NULL,
                  record_index INTEGER NOT NULL,
                  record TEXT NOT NULL,
                  CONSTRAINT pk_delivered_records PRIMARY KEY (batch_id, record_index)
                ) WITHOUT ROWID
                """);

            migrationBuilder.CreateTable(
                name: "idempotency_keys",
                columns: table => new
                {
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    token = table.Column<byte[]>(type: "BLOB", nullable: false),
                    batch_id = table.Column<byte[]>(type: "BLOB", nullable: true),
                    body_hash = table.Column<byte[]>(type: "BLOB", nullable: true),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_keys", x => new { x.pipeline_id, x.key });
                });

            migrationBuilder.CreateTable(
                name: "pipelines",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    name_key = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    description = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    status = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    config = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pipelines", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "batches",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    pipeline_version = table.Column<int>(type: "INTEGER", nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    record_count = table.Column<int>(type: "INTEGER", nullable: false),
                    delivered_count = table.Column<int>(type: "INTEGER", nullable: false),
                    dropped_count = table.Column<int>(type: "INTEGER", nullable: false),
                    failed_count = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: true),
                    completed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    retry_of = table.Column<byte[]>(type: "BLOB", nullable: true),
                    error_code = table.Column<string>(type: "TEXT", nullable: true),
                    error_message = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batches", x => x.id);
                    table.ForeignKey(
                        name: "fk_batches_pipelines_pipeline_id",
                        column: x => x.pipeline_id,
                        principalTable: "pipelines",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "pipeline_counters",
                columns: table => new
                {
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    delivered = table.Column<long>(type: "INTEGER", nullable: false),
                    dropped = table.Column<long>(type: "INTEGER", nullable: false),
                    failed = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pipeline_counters", x => x.pipeline_id);
                    table.ForeignKey(
                        name: "fk_pipeline_counters_pipelines_pipeline_id",
                        column: x => x.pipeline_id,
                        principalTable: "pipelines",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "pipeline_versions",
                columns: table => new
                {
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    config = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pipeline_versions", x => new { x.pipeline_id, x.version });
                    table.ForeignKey(
                        name: "fk_pipeline_versions_pipelines_pipeline_id",
                        column: x => x.pipeline_id,
                        principalTable: "pipelines",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "batch_chunks",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    pipeline_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    ordinal = table.Column<int>(type: "INTEGER", nullable: false),
                    first_record = table.Column<int>(type: "INTEGER", nullable: false),
                    record_count = table.Column<int>(type: "INTEGER", nullable: false),
                    attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    lease_owner = table.Column<string>(type: "TEXT", nullable: true),
                    lease_until = table.Column<long>(type: "INTEGER", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: false),
                    round = table.Column<long>(type: "INTEGER", nullable: false),
                    payload = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_chunks", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_chunks_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "batch_errors",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    batch_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    record_index = table.Column<int>(type: "INTEGER", nullable: false),
                    processor_index = table.Column<int>(type: "INTEGER", nullable: true),
                    processor_type = table.Column<string>(type: "TEXT", nullable: true),
                    processor_tag = table.Column<string>(type: "TEXT", nullable: true),
                    code = table.Column<string>(type: "TEXT", nullable: false),
                    error_message = table.Column<string>(type: "TEXT", nullable: false),
                    record = table.Column<byte[]>(type: "BLOB", nullable: false),
                    record_is_json = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_batch_errors", x => x.id);
                    table.ForeignKey(
                        name: "fk_batch_errors_batches_batch_id",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_owner_id",
                table: "api_keys",
                column: "owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_prefix",
                table: "api_keys",
                column: "prefix");

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_batch_id_ordinal",
                table: "batch_chunks",
                columns: new[] { "batch_id", "ordinal" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_leased",
                table: "batch_chunks",
                column: "lease_until",
                filter: "lease_owner IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_owner_id_round",
                table: "batch_chunks",
                columns: new[] { "owner_id", "round" });

            migrationBuilder.CreateIndex(
                name: "ix_batch_chunks_ready",
                table: "batch_chunks",
                columns: new[] { "round", "id" },
                filter: "lease_owner IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_batch_errors_batch_id_record_index",
                table: "batch_errors",
                columns: new[] { "batch_id", "record_index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_batches_owner_id_unfinished",
                table: "batches",
                column: "owner_id",
                filter: "status IN ('pending', 'processing')");

            migrationBuilder.CreateIndex(
                name: "ix_batches_pipeline_id_completed_at",
                table: "batches",
                columns: new[] { "pipeline_id", "completed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_batches_pipeline_id_id",
                table: "batches",
                columns: new[] { "pipeline_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_batches_pipeline_id_status",
                table: "batches",
                columns: new[] { "pipeline_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_keys_expires_at",
                table: "idempotency_keys",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_pipelines_owner_id_id",
                table: "pipelines",
                columns: new[] { "owner_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_pipelines_owner_id_status",
                table: "pipelines",
                columns: new[] { "owner_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ux_pipelines_owner_id_name_key",
                table: "pipelines",
                columns: new[] { "owner_id", "name_key" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "batch_chunks");

            migrationBuilder.DropTable(
                name: "batch_errors");

            migrationBuilder.DropTable(
                name: "delivered_records");

            migrationBuilder.DropTable(
                name: "idempotency_keys");

            migrationBuilder.DropTable(
                name: "pipeline_counters");

            migrationBuilder.DropTable(
                name: "pipeline_versions");

            migrationBuilder.DropTable(
                name: "batches");

            migrationBuilder.DropTable(
                name: "pipelines");
        }
    }
}
