using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

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
    public DbSet<GatewayControlRow> GatewayControls => Set<GatewayControlRow>();
    public DbSet<ContestRow> Contests => Set<ContestRow>();
    public DbSet<GatewayEpochRow> GatewayEpochs => Set<GatewayEpochRow>();
    public DbSet<PlanRow> Plans => Set<PlanRow>();
    public DbSet<ReplicaRow> Replicas => Set<ReplicaRow>();
    public DbSet<StackRow> Stacks => Set<StackRow>();
    public DbSet<OperatorTokenRow> OperatorTokens => Set<OperatorTokenRow>();
    public DbSet<VirtualKeyRow> VirtualKeys => Set<VirtualKeyRow>();
    public DbSet<KeyClaimRow> KeyClaims => Set<KeyClaimRow>();
    public DbSet<KeyReplicaRow> KeyReplicas => Set<KeyReplicaRow>();
    public DbSet<EventCursorRow> EventCursors => Set<EventCursorRow>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();
    public DbSet<IdempotencyRow> Idempotency => Set<IdempotencyRow>();
    public DbSet<LogCursorRow> LogCursors => Set<LogCursorRow>();
    public DbSet<LogFeedRow> LogFeeds => Set<LogFeedRow>();
    public DbSet<LogSourceRow> LogSources => Set<LogSourceRow>();
    public DbSet<LogGapRow> LogGaps => Set<LogGapRow>();
    public DbSet<LogBackfillRow> LogBackfills => Set<LogBackfillRow>();
    public DbSet<GatewayLogKeyRow> GatewayLogKeys => Set<GatewayLogKeyRow>();
    public DbSet<GatewayLogBodyRow> GatewayLogBodies => Set<GatewayLogBodyRow>();
    public DbSet<GatewayLogRow> GatewayLogs => Set<GatewayLogRow>();
    public DbSet<RequestRecordRow> RequestRecords => Set<RequestRecordRow>();
    public DbSet<UsageRollupRow> UsageRollups => Set<UsageRollupRow>();
    public DbSet<UsageBacklogRow> UsageBacklog => Set<UsageBacklogRow>();
    public DbSet<AnalyticsBucketRow> AnalyticsBuckets => Set<AnalyticsBucketRow>();
    public DbSet<AnalyticsCursorRow> AnalyticsCursors => Set<AnalyticsCursorRow>();

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
            e.Property(x => x.Prune).HasDefaultValue(false);
            e.Property(x => x.AllowMassDelete).HasDefaultValue(false);
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
            e.Property(x => x.Epoch).HasDefaultValue(0L);
        });
        Table<OperationRow>(modelBuilder, "operations", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => new { x.Gateway, x.Status });
            e.Property(x => x.Epoch).HasDefaultValue(0L);
        });
        Table<InventoryRow>(modelBuilder, "inventory", e => e.HasKey(x => new { x.Kind, x.Gateway, x.Key }));
        Table<ProviderKeyRow>(modelBuilder, "provider_keys", e => e.HasKey(x => new { x.Gateway, x.Provider, x.Alias }));
        Table<AuditRow>(modelBuilder, "audit", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => x.At);
            e.HasIndex(x => x.Sequence).IsUnique();
            // The trigger audit_chain fills these; the model never writes them.
            foreach (var chained in new[] { nameof(AuditRow.Sequence), nameof(AuditRow.PreviousHash), nameof(AuditRow.Hash) })
            {
                e.Property(chained).ValueGeneratedOnAdd().Metadata.SetValueGenerationStrategy(NpgsqlValueGenerationStrategy.None);
            }
        });
        Table<GatewayControlRow>(modelBuilder, "gateway_controls", e =>
        {
            e.HasKey(x => x.Gateway);
            e.Property(x => x.Ignored).HasColumnType("jsonb");
            e.Property(x => x.Version).IsRowVersion();
        });
        Table<ContestRow>(modelBuilder, "contests", e => e.HasKey(x => new { x.Gateway, x.Subject }));
        Table<GatewayEpochRow>(modelBuilder, "gateway_epochs", e => e.HasKey(x => x.Gateway));
        Table<PlanRow>(modelBuilder, "plans", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => new { x.RuleSet, x.Hash });
            e.HasIndex(x => x.ExpiresAt);
        });
        Table<ReplicaRow>(modelBuilder, "replicas", e =>
        {
            e.HasKey(x => x.Id);
            e.Property(x => x.Loaded).HasColumnType("jsonb");
        });
        Table<StackRow>(modelBuilder, "stacks", e =>
        {
            e.HasKey(x => x.Name);
            e.Property(x => x.Document).HasColumnType("jsonb");
            e.Property(x => x.Version).IsRowVersion();
        });
        Table<OperatorTokenRow>(modelBuilder, "operator_tokens", Token);
        Table<VirtualKeyRow>(modelBuilder, "virtual_keys", Token);
        Table<KeyClaimRow>(modelBuilder, "key_claims", e =>
        {
            e.HasKey(x => new { x.KeyId, x.Kind, x.WindowStart, x.Replica });
            e.HasIndex(x => x.WindowEnd);
        });
        Table<KeyReplicaRow>(modelBuilder, "key_replicas", e => e.HasKey(x => x.Replica));
        Table<EventCursorRow>(modelBuilder, "event_cursors", e => e.HasKey(x => x.Sink));
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
            e.Ignore(x => x.Provisional);
            // A replica of the version before writes without it.
            e.Property(x => x.Source).HasDefaultValue("logs");
        });
        Table<GatewayLogKeyRow>(modelBuilder, "gateway_log_keys", e =>
        {
            e.HasKey(x => x.Key);
            e.Property(x => x.Id).IsRequired();
            // Rows come nearly in order of time: at the price of a few pages it says where the old ones are.
            e.HasIndex(x => x.CreatedAt).HasMethod("brin");
        });
        Table<GatewayLogBodyRow>(modelBuilder, DayPartitions.GatewayLogBodies.Table, e => e.HasKey(x => new { x.Gateway, x.Id, x.CreatedAt }));
        Table<LogFeedRow>(modelBuilder, "log_feeds", e => e.HasKey(x => new { x.Gateway, x.Source }));
        Table<LogSourceRow>(modelBuilder, "log_sources", e => e.HasKey(x => new { x.Gateway, x.Since }));
        Table<LogGapRow>(modelBuilder, "log_gaps", e => e.HasKey(x => new { x.Gateway, x.Source, x.FromAt }));
        Table<LogBackfillRow>(modelBuilder, "log_backfills", e =>
        {
            e.HasKey(x => x.Id);
            e.HasIndex(x => x.Status);
        });
        Table<RequestRecordRow>(modelBuilder, DayPartitions.RequestRecords.Table, e =>
        {
            e.HasKey(x => new { x.Id, x.At });
            e.HasIndex(x => x.At);
            // A replica of the version before writes without them.
            e.Property(x => x.Cold).HasDefaultValue(false);
            e.Property(x => x.TokensEstimated).HasDefaultValue(false);
        });
        Table<UsageRollupRow>(modelBuilder, "usage_rollups", e =>
        {
            e.HasKey(x => new { x.Grain, x.Bucket, x.VirtualKey, x.Gateway, x.Provider, x.Model });
            // Rows of the present hour and day change many times a second: with room in their page, no index is touched.
            e.HasStorageParameter("fillfactor", 70);
        });
        Table<UsageBacklogRow>(modelBuilder, "usage_backlog", e => e.HasKey(x => x.Day));
        Table<AnalyticsBucketRow>(modelBuilder, "analytics_buckets", e => e.HasKey(x => new { x.Minute, x.Gateway, x.Provider, x.Model, x.StatusCode, x.Cached }));
        Table<AnalyticsCursorRow>(modelBuilder, "analytics_cursors", e => e.HasKey(x => x.Feed));
    }

    private static void Token<TRow>(EntityTypeBuilder<TRow> e)
        where TRow : IssuedTokenRow
    {
        e.HasKey(x => x.Id);
        e.HasIndex(x => x.Digest).IsUnique();
        e.HasIndex(x => x.Name).IsUnique().HasFilter("revoked_at is null");
        e.Property(x => x.Version).IsRowVersion();
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
