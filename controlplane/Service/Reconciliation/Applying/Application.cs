using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>One plan being done: under which lock, in which run, and what was seen and wanted when it was made.</summary>
internal sealed record Application(GatewayLock Held, Guid RunId, Look Look)
{
    public string Gateway => Held.Gateway;

    public ObservedState Observed => Look.Observed;

    public DesiredState Desired => Look.Reading.Desired!;

    public Step Step(Change change, ChangeOp op, string payload) => new(RunId, change.Kind, change.Key, op, payload);
}

/// <summary>Does what a plan says of one object of one kind, each call through the journal.</summary>
internal interface IObjectApplier
{
    /// <param name="application">The plan being done.</param>
    /// <param name="changes">Every action of one object, all of one operation; at least one.</param>
    /// <param name="cancellationToken">Ends the waiting for Cloudflare.</param>
    Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken);
}

/// <summary>Payloads of the journal, by whose hash a recovery recognises what it reads.</summary>
internal static class Payload
{
    public const string Version = "version";
    public const string Deployment = "deployment";

    /// <summary>A state of an object, whatever else is done with it.</summary>
    public static string Of(IReadOnlyDictionary<string, FieldValue> fields) =>
        CanonicalJson.Of(new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value.ToNode()))));

    /// <summary>A graph as it becomes a version, or is put to work: two calls for one state.</summary>
    public static string Of(string step, IReadOnlyDictionary<string, FieldValue> elements) => $"{step}\n{Of(elements)}";
}

internal static class Creation
{
    /// <summary>Somebody else made the object since the plan was: look again, there is something to compare with now.</summary>
    public static async Task OrLookAgainAsync(Change change, Task created)
    {
        try
        {
            await created;
        }
        catch (CloudflareException exception) when (exception.Kind == CloudflareErrorKind.AlreadyExists)
        {
            throw new PlanStaleException($"{change.Subject} was made meanwhile ({exception.Message})");
        }
    }
}
