using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary>Answers what may go wrong before anything was done: Cloudflare refuses or is away, somebody else is at the gateway, rule sets contradict each other.</summary>
internal sealed class ReconciliationProblems : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (CloudflareException exception)
        {
            if (exception.RetryAfter is { } wait)
            {
                context.HttpContext.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds):0}";
            }

            return Of(exception);
        }
        catch (GatewayBusyException busy)
        {
            return Problem.Conflict("gateway_busy", busy.Message);
        }
        catch (StaleEpochException stale)
        {
            return Problem.Conflict("gateway_taken_over", stale.Message);
        }
        catch (GatewayPausedException paused)
        {
            return Problem.Conflict("gateway_paused", $"{paused.Message}.");
        }
        catch (StackUnreadableException stack)
        {
            return Problem.Conflict("stack_unreadable", stack.Message);
        }
        catch (GatewayLimitException limit)
        {
            return Problem.Conflict("gateway_limit_reached", limit.Message);
        }
        catch (RuleSetConflictException conflict)
        {
            return Problem.Invalid("rule_set_conflict", conflict.Message, conflict.Errors);
        }
        catch (UnreadableRevisionException unreadable)
        {
            return Problem.Invalid("rule_set_unreadable", unreadable.Message, unreadable.Errors);
        }
    }

    private static ProblemHttpResult Of(CloudflareException exception) => exception switch
    {
        { Kind: CloudflareErrorKind.Authentication } => Problem.Of(502, "cloudflare_refused", "Cloudflare refuses the service", $"{exception.Message}: {Reconciliation.Faults.Token}."),
        { Kind: CloudflareErrorKind.Permission } => Problem.Of(502, "cloudflare_refused", "Cloudflare refuses the service", $"{exception.Message}: {Reconciliation.Faults.Permissions}."),
        { IsTransient: true } => Problem.Of(503, "cloudflare_unavailable", "Cloudflare does not answer as it should", $"{exception.Message}: try again."),
        _ => Problem.Of(422, "cloudflare_rejected", "Cloudflare rejects the request", exception.Message),
    };

    /// <summary>Null for a gateway that we know of.</summary>
    public static async Task<ProblemHttpResult?> UnknownAsync(string id, GatewayQueries queries, CancellationToken cancellationToken) =>
        GatewayId.IsValid(id) && await queries.IsKnownAsync(id, cancellationToken) ? null : Problem.NotFound("gateway_not_found", Missing([id]));

    // A command to copy is given only for what it can be given: an id that cannot be is not put into anybody's shell.
    public static string Missing(IReadOnlyList<string> gateways) => !GatewayId.IsValid(gateways[0])
        ? $"There can be no such gateway: its id is {GatewayId.Rule}."
        : $"Cloudflare has no gateway {string.Join(", ", gateways)}: make it with `gatewayops gateway create {gateways[0]}` or `pulumi up`.";
}
