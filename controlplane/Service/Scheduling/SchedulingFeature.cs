using Quartz;

namespace GatewayOps.ControlPlane.Scheduling;

/// <summary>One clustered scheduler over all replicas, in the service's own database: a timer fires on one of them, and on another when that one dies.</summary>
public static class SchedulingFeature
{
    /// <summary>The cluster's name: the same on every replica.</summary>
    public const string SchedulerName = "gatewayops";

    public static IServiceCollection AddScheduling(this IServiceCollection services)
    {
        services.AddQuartz(SchedulerName, quartz =>
        {
            quartz.UseDefaultThreadPool(4);
            quartz.UsePersistentStore(store =>
            {
                store.ProvisionSchema();
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = "qrtz_";
                    options.StoreJobDataAsStrings = false;
                    // The store's own threads must not keep a stopped process alive while there is no database.
                    options.UseBackgroundThreads = true;
                });
                // The service's own NpgsqlDataSource, found as DbDataSource.
                store.UsePostgres(options => options.UseRegisteredDataSource = true);
                store.UseSystemTextJsonSerializer();
                // A node is taken for dead after interval and threshold: its job runs elsewhere some ten seconds after a kill. The id of the instance
                // stays unset, so that it is generated: in code, "AUTO" would be the id of every node.
                store.UseClustering(cluster =>
                {
                    cluster.CheckinInterval = TimeSpan.FromSeconds(3);
                    cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(4);
                });
            });
            quartz.AddJobListener<JobMetrics>();
        });
        services.AddSingleton<JobMetrics>();
        services.AddHostedService<Scheduler>();
        services.AddHealthChecks().AddCheck<SchedulerCheck>("scheduler", tags: ["ready"]);
        return services;
    }
}
