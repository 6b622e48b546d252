using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Content;

public sealed record LintAnswer(IReadOnlyList<LintFinding> Findings);

/// <summary>Best practices, held against a document that need not be stored.</summary>
public static class LintEndpoint
{
    public static IEndpointRouteBuilder MapLint(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/v1/content/lint", LintAsync).RequireOperator(OperatorScope.Read).TakesDocument().WithTags("Content")
            .WithSummary("Says what a rule set departs from best practice in. Stores nothing.");
        return endpoints;
    }

    private static async Task<Results<Ok<LintAnswer>, ProblemHttpResult>> LintAsync(HttpRequest request, Activations activations, CancellationToken cancellationToken)
    {
        var draft = Draft.Of(await ContentEndpoints.BodyAsync(request, cancellationToken), activations.GatewaysOf);
        return draft.Document is { } document && draft.IsValid ? TypedResults.Ok(new LintAnswer(RuleSetLint.Of(document))) : ContentEndpoints.Invalid(draft);
    }
}
