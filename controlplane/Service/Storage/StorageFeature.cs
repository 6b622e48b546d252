using System.Data.Common;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>What this feature adds to the host: the database, migrated before anything that uses it starts, and its readiness.</summary>
public static class StorageFeature
{
    public const string Setting = "ConnectionStrings:GatewayOps";

    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(_ => Open(configuration.GetConnectionString("GatewayOps")));
        // Quartz asks for the base type.
        services.AddSingleton<DbDataSource>(provider => provider.GetRequiredService<NpgsqlDataSource>());
        services.AddMetrics().AddSingleton<AuditMetrics>();
        services.AddPooledDbContextFactory<GatewayOpsDb>((provider, options) =>
            GatewayOpsDb.Configure(options, provider.GetRequiredService<NpgsqlDataSource>()).AddInterceptors(provider.GetRequiredService<AuditMetrics>()));
        services.AddSingleton<ReplicaId>();
        services.AddSingleton<Migrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Migrator>());
        services.AddSingleton<DatabaseCheck>();
        services.AddSingleton<MigrationsCheck>();
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: ["ready"]).AddCheck<MigrationsCheck>("migrations", tags: ["ready"]);
        return services;
    }

    private static NpgsqlDataSource Open(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw StorageUnavailableException.NotConfigured();
        }
        try
        {
            return NpgsqlDataSource.Create(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidOperationException or NotSupportedException)
        {
            throw StorageUnavailableException.NotReadable();
        }
    }
}
