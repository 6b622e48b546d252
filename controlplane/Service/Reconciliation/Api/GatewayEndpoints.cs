using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

public sealed record GatewayListAnswer(IReadOnlyList<GatewayAnswer> Gateways);

/// <summary>`Settings`: gateway fields by Cloudflare's names, for the creation only.</summary>
public sealed record CreateGatewayRequest(string Id, JsonObject? Settings = null);

/// <summary><paramref name="Drifted"/>: anything differs, reports included, but for what is on the gateway's ignore list.</summary>
public sealed record DriftAnswer(string Gateway, bool Drifted, IReadOnlyList<Change> Changes, DateTimeOffset ObservedAt);

/// <summary>`gateways`: what they are to be, what they are, and making one.</summary>
public static class GatewayEndpoints
{
    public static void MapGateways(this RouteGroupBuilder api)
    {
        var gateways = api.MapGroup("/gateways").WithTags("Gateways");
        gateways.MapGet("", async (GatewayQueries queries, CancellationToken cancellationToken) => TypedResults.Ok(new GatewayListAnswer(await queries.ListAsync(cancellationToken))))
            .RequireOperator(OperatorScope.Read).WithSummary("The account's gateways, desired, applied and loaded.");
        gateways.MapGet("/{id}", FindAsync).RequireOperator(OperatorScope.Read).WithSummary("One gateway with its conditions.");
        gateways.MapGet("/{id}/drift", DriftAsync).RequireOperator(OperatorScope.Read).WithSummary("Compares now, and changes nothing.");
        gateways.MapPost("", CreateAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Makes a gateway in Cloudflare; one that is there is left as it is.");
    }

    private static async Task<Results<Ok<GatewayAnswer>, ProblemHttpResult>> FindAsync(string id, GatewayQueries queries, CancellationToken cancellationToken) =>
        await queries.FindAsync(id, cancellationToken) is { } answer ? TypedResults.Ok(answer) : NotFound(id);

    private static async Task<Results<Ok<DriftAnswer>, ProblemHttpResult>> DriftAsync(
        string id, DesiredStates desiredStates, Lookout lookout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!GatewayId.IsValid(id))
        {
            return NotFound(id);
        }

        var look = await lookout.LookAsync(id, await desiredStates.ActiveAsync(id, cancellationToken), cancellationToken);
        return !look.Plan.Exists && look.Plan.Revision == "none" ? NotFound(id) : TypedResults.Ok(new DriftAnswer(id, look.Plan.Changes.Any(change => !look.Reading.Desired!.Ignored.Contains(change.Subject)), look.Plan.Changes, time.GetUtcNow()));
    }

    private static async Task<Results<Created<GatewayAnswer>, Ok<GatewayAnswer>, ProblemHttpResult>> CreateAsync(
        CreateGatewayRequest request, NewGateway gateway, GatewayQueries queries, HttpContext http, CancellationToken cancellationToken)
    {
        if (!GatewayId.IsValid(request.Id))
        {
            return Problem.Of(422, "gateway_id_invalid", "The gateway's id is not valid", $"id must be {GatewayId.Rule}.", [new("invalid_value", "/id", $"Must be {GatewayId.Rule}.")]);
        }

        var unknown = (request.Settings ?? []).Where(field => FieldOwnership.Of(field.Key) is null)
            .Select(field => new RuleSetError("unknown_field", $"/settings/{JsonPointer.Escape(field.Key)}", "Cloudflare's gateways have no such field, or this version does not know it.")).ToList();
        if (unknown.Count > 0)
        {
            return Problem.Of(422, "settings_invalid", "The settings are not valid", $"{unknown.Count} settings are not known.", unknown);
        }

        if (Faults(request.Settings) is { Count: > 0 } faults)
        {
            return Problem.Of(422, "settings_invalid", "The settings are not valid", faults[0].Message, faults);
        }

        var made = await gateway.CreateAsync(request.Id, request.Settings ?? [], http.Actor(), cancellationToken);
        var answer = (await queries.FindAsync(request.Id, cancellationToken))!;
        return made ? TypedResults.Created($"/api/v1/gateways/{request.Id}", answer) : TypedResults.Ok(answer);
    }

    // By the rules of a document's settings, but for what only documents must not hold.
    private static List<RuleSetError> Faults(JsonObject? settings) =>
        [.. RuleSetReader.Read(JsonSerializer.SerializeToUtf8Bytes(new { settings = settings ?? [] })).Errors.Where(error => error.Code != RuleSetErrorCodes.NotSupported)];

    private static ProblemHttpResult NotFound(string id) => Problem.NotFound("gateway_not_found", ReconciliationProblems.Missing([id]));
}
