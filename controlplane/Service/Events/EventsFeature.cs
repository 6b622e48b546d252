using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Events;

/// <summary>What this feature adds to the host: audit rows as events for webhooks.</summary>
public static class EventsFeature
{
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        // Strict: the binder would drop a webhook with a misspelt member, without a word.
        services.AddOptions<EventOptions>().BindConfiguration(EventOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EventOptions>, EventOptionsValidator>();
        services.AddSingleton(provider => new GuardedConnections(new AllowedDestinations(provider.GetRequiredService<IOptions<EventOptions>>().Value.AllowedPrivate)));
        services.AddSingleton<EventSinks>();
        services.AddSingleton<EventMetrics>();
        services.AddHostedService<EventSender>();
        // Degraded, not unhealthy: traffic has nothing to do with it.
        services.AddHealthChecks().AddCheck<EventsCheck>("events", HealthStatus.Degraded, tags: ["ready"]);
        return services;
    }

    public static IEndpointRouteBuilder MapEvents(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/v1/events/sinks", ListAsync).RequireOperator(OperatorScope.Read).WithTags("Events")
            .WithSummary("The webhooks, how far each has been told of the audit rows, and what keeps it.");
        return endpoints;
    }

    public sealed record SinkListAnswer(IReadOnlyList<SinkAnswer> Sinks);

    private static async Task<Ok<SinkListAnswer>> ListAsync(EventSinks sinks, GatewayOpsDb db, CancellationToken cancellationToken)
    {
        var answers = new List<SinkAnswer>();
        foreach (var sink in sinks.All)
        {
            answers.Add(await sinks.LookAsync(db, sink, cancellationToken));
        }

        return TypedResults.Ok(new SinkListAnswer(answers));
    }

    private sealed class EventsCheck(EventMetrics metrics) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            metrics.Failing is { Count: > 0 } failing
                ? HealthCheckResult.Degraded($"Webhooks that have not taken an event for a day: {string.Join(", ", failing)}; GET /api/v1/events/sinks says why")
                : HealthCheckResult.Healthy());
    }
}
