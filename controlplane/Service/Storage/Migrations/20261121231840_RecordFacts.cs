using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GatewayOps.ControlPlane.Storage.Migrations
{
    /// <inheritdoc />
    public partial class RecordFacts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "cold",
                table: "request_records",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<long>(
                name: "tokens_cache_write",
                table: "request_records",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "tokens_estimated",
                table: "request_records",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "cold",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "tokens_cache_write",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "tokens_estimated",
                table: "request_records");
        }
    }
}
