using Quartz;

namespace GatewayOps.ControlPlane.Scheduling;

/// <summary>A job on an interval. <paramref name="Name"/> is its identity in the scheduler's tables and its metric label.</summary>
public sealed record ScheduledJob(string Name, Type Type, TimeSpan Interval);

/// <summary>How other features get their job into the one scheduler: `services.AddScheduledJob&lt;IngestionJob&gt;("ingestion", interval)`.</summary>
public static class ScheduledJobs
{
    public static IServiceCollection AddScheduledJob<TJob>(this IServiceCollection services, string name, TimeSpan interval)
        where TJob : class, IJob
    {
        services.AddTransient<TJob>();
        services.AddSingleton(new ScheduledJob(name, typeof(TJob), interval));
        return services;
    }
}
