using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Makes the tables of <see cref="DayPartitions.All"/> partitioned, which EF Core has no word for. So migrations stay as they are generated.</summary>
#pragma warning disable EF1001 // Npgsql's generator takes its own options, an internal type, and has no other constructor
internal sealed class PartitioningSqlGenerator(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        if (DayPartitions.All.FirstOrDefault(partitions => partitions.Table == operation.Name) is not { } days)
        {
            base.Generate(operation, model, builder, terminate);
            return;
        }
        base.Generate(operation, model, builder, terminate: false);
        builder.Append($" PARTITION BY RANGE ({days.Column})").AppendLine(";");
        builder.Append($"CREATE TABLE {days.Default} PARTITION OF {days.Table} DEFAULT").AppendLine(";");
        EndStatement(builder);
    }
}
