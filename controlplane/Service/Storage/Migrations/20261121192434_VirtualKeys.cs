using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GatewayOps.ControlPlane.Storage.Migrations
{
    /// <inheritdoc />
    public partial class VirtualKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "key_claims",
                columns: table => new
                {
                    key_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    window_start = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    replica = table.Column<string>(type: "text", nullable: false),
                    window_end = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used = table.Column<decimal>(type: "numeric", nullable: false),
                    claimed = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_claims", x => new { x.key_id, x.kind, x.window_start, x.replica });
                });

            migrationBuilder.CreateTable(
                name: "key_replicas",
                columns: table => new
                {
                    replica = table.Column<string>(type: "text", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_replicas", x => x.replica);
                });

            migrationBuilder.CreateTable(
                name: "virtual_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false),
                    models = table.Column<string[]>(type: "text[]", nullable: true),
                    gateways = table.Column<string[]>(type: "text[]", nullable: true),
                    requests_per_minute = table.Column<long>(type: "bigint", nullable: true),
                    tokens_per_minute = table.Column<long>(type: "bigint", nullable: true),
                    budget_usd = table.Column<decimal>(type: "numeric", nullable: true),
                    budget_window = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "text", nullable: false),
                    digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    rotated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    previous_digest = table.Column<byte[]>(type: "bytea", nullable: true),
                    previous_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_virtual_keys", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_key_claims_window_end",
                table: "key_claims",
                column: "window_end");

            migrationBuilder.CreateIndex(
                name: "ix_virtual_keys_digest",
                table: "virtual_keys",
                column: "digest",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_virtual_keys_name",
                table: "virtual_keys",
                column: "name",
                unique: true,
                filter: "revoked_at is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "key_claims");

            migrationBuilder.DropTable(
                name: "key_replicas");

            migrationBuilder.DropTable(
                name: "virtual_keys");
        }
    }
}
