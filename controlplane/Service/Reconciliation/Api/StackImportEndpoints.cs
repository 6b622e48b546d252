using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Import;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary><paramref name="Project"/>: name of the Pulumi project, whose prefix the keys get. <paramref name="Gateways"/> null: all of the account.</summary>
public sealed record StackImportRequest(string? Project = null, IReadOnlyList<string>? Gateways = null);

/// <summary>`POST stack/import`.</summary>
public static class StackImportEndpoints
{
    public static void MapStackImport(this RouteGroupBuilder api) => api.MapPost("/stack/import", ImportAsync).RequireOperator(OperatorScope.Read).WithTags("Stacks")
        .WithSummary("What the account has, as configuration of the Pulumi program and resources to import. Changes nothing, stores nothing.");

    private static async Task<Results<Ok<StackImportAnswer>, ProblemHttpResult>> ImportAsync(
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] StackImportRequest? request, StackImporter importer, CancellationToken cancellationToken)
    {
        var project = request?.Project ?? StackImport.DefaultProject;
        if (project.Length is 0 or > 100 || !project.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            return Problem.Invalid("name_invalid", "The name of a Pulumi project is 1 to 100 of A-Z a-z 0-9 . _ -.", [new("invalid_value", "/project", "Must be 1 to 100 of A-Z a-z 0-9 . _ -.")]);
        }

        // An id that cannot be is not asked for.
        if (request?.Gateways?.FirstOrDefault(gateway => !GatewayId.IsValid(gateway)) is { } impossible)
        {
            return Problem.NotFound("gateway_not_found", ReconciliationProblems.Missing([impossible]));
        }

        var (account, missing) = await importer.ReadAsync(request?.Gateways, cancellationToken);
        return missing.Count > 0 ? Problem.NotFound("gateway_not_found", ReconciliationProblems.Missing(missing)) : TypedResults.Ok(StackImport.Of(account, project));
    }
}
