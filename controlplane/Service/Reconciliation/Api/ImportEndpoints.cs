using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Import;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Gateways"/> null: all of the account. <paramref name="Asserted"/>: also the fields that Pulumi owns, to be reported when they differ.</summary>
public sealed record ImportRequest(IReadOnlyList<string>? Gateways = null, string? Name = null, bool Asserted = false);

/// <summary>`POST import`.</summary>
public static class ImportEndpoints
{
    public static void MapImport(this RouteGroupBuilder api) => api.MapPost("/import", ImportAsync).RequireOperator(OperatorScope.Read).WithTags("Content")
        .WithSummary("What the account has, as rule sets whose plans are empty. Changes nothing, stores nothing.");

    private static async Task<Results<Ok<ImportAnswer>, ProblemHttpResult>> ImportAsync(
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] ImportRequest? request, AccountReader reader, CancellationToken cancellationToken)
    {
        request ??= new ImportRequest();
        if (request.Name is { } name && !RuleSetName.IsValid(name))
        {
            return Problem.Invalid("name_invalid", $"The name of a rule set is {RuleSetName.Rule}.", [new("invalid_value", "/name", $"Must be {RuleSetName.Rule}.")]);
        }

        // An id that cannot be is not asked for.
        if (request.Gateways?.FirstOrDefault(gateway => !GatewayId.IsValid(gateway)) is { } impossible)
        {
            return Problem.NotFound("gateway_not_found", ReconciliationProblems.Missing([impossible]));
        }

        var (account, missing) = await reader.ReadAsync(request.Gateways, cancellationToken);
        return missing.Count > 0
            ? Problem.NotFound("gateway_not_found", ReconciliationProblems.Missing(missing))
            : TypedResults.Ok(AccountImport.Of(account, request.Name ?? AccountImport.DefaultName, request.Asserted));
    }
}
