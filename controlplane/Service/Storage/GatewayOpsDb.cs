using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>The service's own tables. Quartz keeps its `qrtz_` tables beside them.</summary>
public sealed class GatewayOpsDb(DbContextOptions<GatewayOpsDb> options) : DbContext(options)
{
    /// <summary>The one way to reach the database: what the service, migrations and tests share.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource source) => options
        .UseNpgsql(source)
        .ReplaceService<IMigrationsSqlGenerator, PartitioningSqlGenerator>()
        // Each statement at information level would bury the service's own log lines.
        .ConfigureWarnings(events => events.Log((RelationalEventId.CommandExecuted, LogLevel.Debug)));

    public DbSet<RuleSetRow> RuleSets => Set<RuleSetRow>();
    public DbSet<RevisionRow> Revisions => Set<RevisionRow>();
    public DbSet<ActivationRow> Activations => Set<ActivationRow>();
    public DbSet<GatewayStatusRow> GatewayStatuses => Set<GatewayStatusRow>();
    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<OperationRow> Operations => Set<OperationRow>();
    public DbSet<InventoryRow> Inventory => Set<InventoryRow>();
    public DbSet<ProviderKeyRow> ProviderKeys => Set<ProviderKeyRow>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();
    public DbSet<IdempotencyRow> Idempotency => Set<IdempotencyRow>();
    public DbSet<LogCursorRow> LogCursors => Set<LogCursorRow>();
    public DbSet<GatewayLogRow> GatewayLogs => Set<GatewayLogRow>();
    public DbSet<RequestRecordRow> RequestRecords => Set<RequestRecordRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        Table<RuleSetRow>(modelBuilder, "rule_sets", e =>
        {
            e.HasKey(x => x.Name);
            e.Property(x => x.Version).IsRowVersion();
        });
        Table<RevisionRow>(modelBuilder, "revisions", e => e.HasKey(x => new { x.RuleSet, x.Number }));
        Table<ActivationRow>(modelBuilder, "activations", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => new { x.Gateway, x.RuleSet, x.Id });
        });
        Table<GatewayStatusRow>(modelBuilder, "gateway_statuses", e =>
        {
            e.HasKey(x => x.Gateway);
            e.Property(x => x.Conditions).HasColumnType("jsonb");
            e.Property(x => x.Drift).HasColumnType("jsonb");
            e.Property(x => x.Version).IsRowVersion();
        });
        Table<RunRow>(modelBuilder, "runs", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => new { x.Gateway, x.StartedAt });
            e.Property(x => x.Changes).HasColumnType("jsonb");
        });
        Table<OperationRow>(modelBuilder, "operations", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => new { x.Gateway, x.Status });
        });
        Table<InventoryRow>(modelBuilder, "inventory", e => e.HasKey(x => new { x.Kind, x.Gateway, x.Key }));
        Table<ProviderKeyRow>(modelBuilder, "provider_keys", e => e.HasKey(x => new { x.Gateway, x.Provider, x.Alias }));
        Table<AuditRow>(modelBuilder, "audit", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => x.At);
        });
        Table<IdempotencyRow>(modelBuilder, "idempotency", e =>
        {
            e.HasKey(x => new { x.Principal, x.Key });
            e.HasIndex(x => x.CreatedAt);
        });
        Table<LogCursorRow>(modelBuilder, "log_cursors", e => e.HasKey(x => x.Gateway));
        Table<GatewayLogRow>(modelBuilder, DayPartitions.GatewayLogs.Table, e =>
        {
            e.HasKey(x => new { x.Gateway, x.Id, x.CreatedAt });
            e.HasIndex(x => new { x.CreatedAt, x.Gateway, x.Id });
        });
        Table<RequestRecordRow>(modelBuilder, DayPartitions.RequestRecords.Table, e =>
        {
            e.HasKey(x => new { x.Id, x.At });
            e.HasIndex(x => x.At);
        });
    }

    private static void Table<TRow>(ModelBuilder model, string name, Action<EntityTypeBuilder<TRow>> shape)
        where TRow : class
    {
        var entity = model.Entity<TRow>();
        entity.ToTable(name);
        shape(entity);
        foreach (var property in entity.Metadata.GetProperties())
        {
            // A row version is PostgreSQL's system column xmin, which has its name already.
            if (!property.IsConcurrencyToken)
            {
                property.SetColumnName(SnakeCase.Of(property.Name));
            }
        }
        entity.Metadata.FindPrimaryKey()!.SetName($"pk_{name}");
        foreach (var index in entity.Metadata.GetIndexes())
        {
            index.SetDatabaseName($"ix_{name}_{string.Join('_', index.Properties.Select(property => SnakeCase.Of(property.Name)))}");
        }
    }
}
