using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace GatewayOps.ControlPlane.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Reconciliation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "epoch",
                table: "runs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "asked_model",
                table: "request_records",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "asked_provider",
                table: "request_records",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "epoch",
                table: "operations",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "hash",
                table: "audit",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "previous_hash",
                table: "audit",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "sequence",
                table: "audit",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "allow_mass_delete",
                table: "activations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "prune",
                table: "activations",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "contests",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    theirs = table.Column<string>(type: "text", nullable: true),
                    flips = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_contests", x => new { x.gateway, x.subject });
                });

            migrationBuilder.CreateTable(
                name: "event_cursors",
                columns: table => new
                {
                    sink = table.Column<string>(type: "text", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_event_cursors", x => x.sink);
                });

            migrationBuilder.CreateTable(
                name: "gateway_controls",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    mode = table.Column<string>(type: "text", nullable: false),
                    ignored = table.Column<string>(type: "jsonb", nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    paused_by = table.Column<string>(type: "text", nullable: true),
                    pause_reason = table.Column<string>(type: "text", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gateway_controls", x => x.gateway);
                });

            migrationBuilder.CreateTable(
                name: "gateway_epochs",
                columns: table => new
                {
                    gateway = table.Column<string>(type: "text", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    holder = table.Column<string>(type: "text", nullable: false),
                    taken_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gateway_epochs", x => x.gateway);
                });

            migrationBuilder.CreateTable(
                name: "operator_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    scope = table.Column<string>(type: "text", nullable: false),
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
                    table.PrimaryKey("pk_operator_tokens", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "plans",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    rule_set = table.Column<string>(type: "text", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    prune = table.Column<bool>(type: "boolean", nullable: false),
                    allow_mass_delete = table.Column<bool>(type: "boolean", nullable: false),
                    executed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    executed_by = table.Column<string>(type: "text", nullable: true),
                    executed_key = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_plans", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "replicas",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    build = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    loaded = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_replicas", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "stacks",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    document = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    adopted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    adopted_by = table.Column<string>(type: "text", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stacks", x => x.name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_sequence",
                table: "audit",
                column: "sequence",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_operator_tokens_digest",
                table: "operator_tokens",
                column: "digest",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_operator_tokens_name",
                table: "operator_tokens",
                column: "name",
                unique: true,
                filter: "revoked_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_plans_expires_at",
                table: "plans",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_plans_rule_set_hash",
                table: "plans",
                columns: new[] { "rule_set", "hash" });

            // Each audit row carries the hash of the one before it, and none is ever changed. In the database, so that no writer can leave it out.
            migrationBuilder.Sql(
                """
                -- Deferred: the chain's lock is taken at commit, after every other lock of the transaction, so it can be part of no deadlock and is held for a moment only.
                create function audit_chain() returns trigger language plpgsql as $$
                declare
                    before record;
                    place bigint;
                    previous text;
                begin
                    -- One transaction at a time is chained, until it ends.
                    perform pg_advisory_xact_lock(hashtextextended('gatewayops-audit', 0));
                    select sequence, hash into before from audit where sequence is not null order by sequence desc limit 1;
                    place := coalesce(before.sequence, 0) + 1;
                    previous := coalesce(before.hash, repeat('0', 64));
                    -- Each value with its length in front: no two rows give one text.
                    update audit set sequence = place, previous_hash = previous, hash = (
                        select encode(sha256(convert_to(string_agg(octet_length(value) || ':' || value, '' order by ordinality), 'UTF8')), 'hex')
                        from unnest(array[
                            previous, place::text, to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), new.actor, new.action, new.target,
                            new.request_id, coalesce(new.before_hash, ''), coalesce(new.after_hash, ''), new.result]) with ordinality as field(value, ordinality))
                        where id = new.id;
                    return null;
                end $$;
                create constraint trigger audit_chain after insert on audit deferrable initially deferred for each row execute function audit_chain();

                create function audit_is_append_only() returns trigger language plpgsql as $$
                begin
                    raise exception 'audit rows are never changed or removed';
                end $$;
                -- Depth 0 is a statement of a session; the chain's own update comes from within its trigger.
                create trigger audit_is_append_only before update or delete or truncate on audit for each statement when (pg_trigger_depth() = 0) execute function audit_is_append_only();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop trigger audit_is_append_only on audit; drop function audit_is_append_only(); drop trigger audit_chain on audit; drop function audit_chain();");

            migrationBuilder.DropTable(
                name: "contests");

            migrationBuilder.DropTable(
                name: "event_cursors");

            migrationBuilder.DropTable(
                name: "gateway_controls");

            migrationBuilder.DropTable(
                name: "gateway_epochs");

            migrationBuilder.DropTable(
                name: "operator_tokens");

            migrationBuilder.DropTable(
                name: "plans");

            migrationBuilder.DropTable(
                name: "replicas");

            migrationBuilder.DropTable(
                name: "stacks");

            migrationBuilder.DropIndex(
                name: "ix_audit_sequence",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "epoch",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "asked_model",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "asked_provider",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "epoch",
                table: "operations");

            migrationBuilder.DropColumn(
                name: "hash",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "previous_hash",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "sequence",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "allow_mass_delete",
                table: "activations");

            migrationBuilder.DropColumn(
                name: "prune",
                table: "activations");
        }
    }
}
