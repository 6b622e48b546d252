using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Does what the plan says, in its order, and decides nothing: a table of one applier for each kind.</summary>
public sealed class PlanApplier(CloudflareClient cloudflare, Journal journal, DesiredStates desiredStates)
{
    private readonly Dictionary<ObjectKind, IObjectApplier> _appliers = new()
    {
        [ObjectKind.CustomProvider] = new CustomProviderApplier(cloudflare, journal, desiredStates),
        [ObjectKind.SecretStore] = new SecretStoreApplier(cloudflare, journal),
        [ObjectKind.Secret] = new SecretApplier(cloudflare, journal),
        [ObjectKind.Gateway] = new GatewayApplier(cloudflare, journal),
        [ObjectKind.ProviderConfig] = new ProviderConfigApplier(cloudflare, journal),
        [ObjectKind.Route] = new RouteApplier(cloudflare, journal),
        [ObjectKind.Policy] = new PolicyApplier(cloudflare, journal),
    };

    /// <summary>
    /// Tells <paramref name="done"/> each change as it is done. What Cloudflare refuses keeps back only what needs it: the rest is done, then a <see cref="ChangesRefusedException"/>
    /// says what was not. Any other failure ends it at once: <see cref="PlanStaleException"/> when Cloudflare is not as the plan saw it, else a <see cref="CloudflareException"/>.
    /// </summary>
    public async Task ApplyAsync(GatewayLock held, Guid runId, Look look, Action<Change> done, CancellationToken cancellationToken)
    {
        var application = new Application(held, runId, look);
        var refused = new List<(Change Change, string Message)>();
        foreach (var changes in Objects(look.Plan))
        {
            if (refused.Exists(failure => Needs(changes[0], failure.Change, application.Desired)))
            {
                continue;
            }

            try
            {
                await _appliers[changes[0].Kind].ApplyAsync(application, changes, cancellationToken);
            }
            catch (CloudflareException exception) when (exception is { Kind: CloudflareErrorKind.NotFound, IsTransient: false })
            {
                throw new PlanStaleException($"{changes[0].Subject}: {exception.Message}");
            }
            catch (Exception exception) when (IsRefusal(exception))
            {
                refused.Add((changes[0], exception.Message));
                continue;
            }

            foreach (var change in changes)
            {
                done(change);
            }
        }

        if (refused.Count > 0)
        {
            throw new ChangesRefusedException(string.Join("; ", refused.Select(failure => $"{failure.Change.Subject}: {failure.Message}")));
        }
    }

    /// <summary>The plan's actions, those of one object together, at the place of its first.</summary>
    internal static IEnumerable<IReadOnlyList<Change>> Objects(Plan plan) => plan.Actions.GroupBy(change => (change.Kind, change.Key, change.Op)).Select(changes => changes.ToList());

    // Of this one object, and for good: the same call would be refused again.
    private static bool IsRefusal(Exception exception) =>
        exception is ChangesRefusedException or CloudflareException { IsTransient: false, IsAmbiguous: false, Kind: CloudflareErrorKind.Validation or CloudflareErrorKind.Conflict };

    private static bool Needs(Change later, Change failed, DesiredState desired) => (failed.Kind, later.Kind) switch
    {
        (ObjectKind.SecretStore, ObjectKind.Gateway or ObjectKind.ProviderConfig) => true,
        (ObjectKind.Gateway, ObjectKind.ProviderConfig) => later.Op != ChangeOp.Delete,
        (ObjectKind.CustomProvider, ObjectKind.Route) => later.Op != ChangeOp.Delete
            && desired.Routes.Any(route => route.Name == later.Key && RouteElements.CustomProviders(route.Elements).Contains(failed.Key)),
        // What still refers keeps what it refers to.
        (ObjectKind.Route, ObjectKind.CustomProvider) => later.Op == ChangeOp.Delete,
        (ObjectKind.ProviderConfig, ObjectKind.Secret) => later.Op == ChangeOp.Delete,
        _ => false,
    };
}

/// <summary>Somebody changed Cloudflare between observation and write: observe and plan again.</summary>
public sealed class PlanStaleException(string message) : Exception(message);

/// <summary>Cloudflare refused some of a plan's changes, in its own words; the others, save for those that needed them, were done.</summary>
public sealed class ChangesRefusedException(string message) : Exception(message);
