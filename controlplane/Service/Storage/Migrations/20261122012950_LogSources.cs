using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GatewayOps.ControlPlane.Storage.Migrations
{
    /// <inheritdoc />
    public partial class LogSources : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "attempt",
                table: "gateway_logs",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "source",
                table: "gateway_logs",
                type: "text",
                nullable: false,
                defaultValue: "logs");

            migrationBuilder.CreateTable(
                name: "gateway_log_bodies",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    request = table.Column<string>(type: "text", nullable: true),
                    response = table.Column<string>(type: "text", nullable: true),
                    cut = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gateway_log_bodies", x => new { x.gateway, x.id, x.created_at });
                });

            migrationBuilder.CreateTable(
                name: "gateway_log_keys",
                columns: table => new
                {
                    key = table.Column<Guid>(type: "uuid", nullable: false),
                    gateway = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gateway_log_keys", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "log_backfills",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    gateway = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    from_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    through = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    rows_read = table.Column<long>(type: "bigint", nullable: false),
                    rows_added = table.Column<long>(type: "bigint", nullable: false),
                    error = table.Column<string>(type: "text", nullable: true),
                    requested_by = table.Column<string>(type: "text", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_backfills", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "log_feeds",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    through = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    swept = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    anchored = table.Column<bool>(type: "boolean", nullable: false),
                    polled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    backlog = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_feeds", x => new { x.gateway, x.source });
                });

            migrationBuilder.CreateTable(
                name: "log_gaps",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    from_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    found_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_gaps", x => new { x.gateway, x.source, x.from_at });
                });

            migrationBuilder.CreateTable(
                name: "log_sources",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_sources", x => new { x.gateway, x.since });
                });

            migrationBuilder.CreateIndex(
                name: "ix_gateway_log_keys_created_at",
                table: "gateway_log_keys",
                column: "created_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_log_backfills_status",
                table: "log_backfills",
                column: "status");

            // Written by hand: polling goes on where the version before left off.
            migrationBuilder.Sql("insert into log_feeds (gateway, source, through, anchored, polled_at) select gateway, 'logs', through, false, polled_at from log_cursors");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "gateway_log_bodies");

            migrationBuilder.DropTable(
                name: "gateway_log_keys");

            migrationBuilder.DropTable(
                name: "log_backfills");

            migrationBuilder.DropTable(
                name: "log_feeds");

            migrationBuilder.DropTable(
                name: "log_gaps");

            migrationBuilder.DropTable(
                name: "log_sources");

            migrationBuilder.DropColumn(
                name: "attempt",
                table: "gateway_logs");

            migrationBuilder.DropColumn(
                name: "source",
                table: "gateway_logs");
        }
    }
}
