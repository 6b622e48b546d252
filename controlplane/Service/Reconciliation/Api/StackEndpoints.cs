using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

/// <summary>An object of the stack. `Found`: Cloudflare has it; null where that was not asked, as for tokens.</summary>
public sealed record StackObjectAnswer(string Kind, string Key, string Owner, bool? Found);

/// <summary>`Gateways`: what differs from the hand-over, and what the next pass would link, as a plan each.</summary>
public sealed record StackAdoptionAnswer(string Name, string Hash, bool DryRun, bool Unchanged, IReadOnlyList<StackObjectAnswer> Objects, IReadOnlyList<Plan> Gateways);

public sealed record StackListAnswer(IReadOnlyList<StackListItem> Stacks, string? Next);

public sealed record StackListItem(string Name, string Hash, IReadOnlyList<string> Gateways, DateTimeOffset AdoptedAt, string AdoptedBy);

public sealed record StackAnswer(string Name, string Hash, DateTimeOffset AdoptedAt, string AdoptedBy, IReadOnlyList<StackObjectAnswer> Objects, JsonObject Document);

/// <summary>`stack` and `stacks`: what Pulumi hands over.</summary>
public static class StackEndpoints
{
    private const string Owner = "pulumi";

    public static void MapStacks(this RouteGroupBuilder api)
    {
        api.MapPost("/stack", AdoptAsync).RequireOperator(OperatorScope.Apply).Idempotent().TakesIfMatch(required: false).WithTags("Stacks").WithSummary("Takes over what a Pulumi stack hands over: who owns what, and the values of its fields.")
            .WithMetadata(new RequestSizeLimitAttribute(StackReader.MaxBytes)).Accepts<JsonObject>("application/json");
        var stacks = api.MapGroup("/stacks").WithTags("Stacks");
        stacks.MapGet("", ListAsync).RequireOperator(OperatorScope.Read).WithSummary("The adopted stacks.");
        stacks.MapGet("/{project}/{stack}", FindAsync).RequireOperator(OperatorScope.Read).WithSummary("One adopted stack with its hand-over.");
        stacks.MapDelete("/{project}/{stack}", RemoveAsync).RequireOperator(OperatorScope.Apply).Idempotent().TakesIfMatch(required: true).WithSummary("Forgets a stack; its objects stay in Cloudflare.");
    }

    private static async Task<Results<Created<StackAdoptionAnswer>, Ok<StackAdoptionAnswer>, ProblemHttpResult>> AdoptAsync(
        bool? dryRun, HttpContext http, StackStore store, DesiredStates desiredStates, Lookout lookout, CancellationToken cancellationToken)
    {
        var (precondition, refusal) = Precondition.Of(http.Request, required: false);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancellationToken);
        var reading = StackReader.Read(body.ToArray());
        if (refusal is not null || reading.Document is not { } document)
        {
            return refusal ?? Problem.Invalid("stack_invalid", reading.Errors.Count == 1 ? reading.Errors[0].Message : $"The hand-over has {reading.Errors.Count} errors.", reading.Errors);
        }

        // Before Cloudflare is asked: with another account's document it would be asked in vain.
        if (await store.ConflictsAsync(document, cancellationToken) is { Count: > 0 } conflicts)
        {
            return Refused(conflicts);
        }

        var looks = new List<Look>();
        foreach (var gateway in document.Gateways)
        {
            looks.Add(await lookout.LookAsync(gateway.Id, await desiredStates.WithStackAsync(gateway.Id, document, cancellationToken), cancellationToken));
        }

        StackAdoptionAnswer Answer(string hash, bool unchanged) => new(document.Name, hash, dryRun == true, unchanged, [.. document.Objects.Select(item => ObjectOf(item, looks))], [.. looks.Select(look => look.Plan)]);
        if (dryRun == true)
        {
            return TypedResults.Ok(Answer(StackStore.HashOf(document), (await store.FindAsync(document.Name, cancellationToken))?.Hash == StackStore.HashOf(document)));
        }

        switch (await store.AdoptAsync(document, precondition, http.Actor(), cancellationToken))
        {
            case Adoption.Refused refused:
                return Refused(refused.Errors);
            case Adoption.Adopted adopted:
                http.Response.Headers.ETag = Precondition.Tag(adopted.Stack.Version);
                var answer = Answer(adopted.Stack.Hash, adopted.Unchanged);
                return adopted.Unchanged ? TypedResults.Ok(answer) : TypedResults.Created($"/api/v1/stacks/{document.Name}", answer);
            default:
                return Precondition.Failed($"The stack {document.Name}");
        }
    }

    private static async Task<Results<Ok<StackListAnswer>, ProblemHttpResult>> ListAsync(int? limit, string? cursor, StackStore store, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        var (items, next) = page.Cut(await store.ListAsync(page.After, page.Limit + 1, cancellationToken), stack => stack.Document.Name);
        return TypedResults.Ok(new StackListAnswer(
            [.. items.Select(stack => new StackListItem(stack.Document.Name, stack.Hash, [.. stack.Document.Gateways.Select(gateway => gateway.Id)], stack.AdoptedAt, stack.AdoptedBy))], next));
    }

    private static async Task<Results<Ok<StackAnswer>, ProblemHttpResult>> FindAsync(string project, string stack, StackStore store, HttpResponse response, CancellationToken cancellationToken)
    {
        if (Name(project, stack) is not { } name || await store.FindAsync(name, cancellationToken) is not { } adopted)
        {
            return Unknown();
        }

        response.Headers.ETag = Precondition.Tag(adopted.Version);
        return TypedResults.Ok(new StackAnswer(name, adopted.Hash, adopted.AdoptedAt, adopted.AdoptedBy, [.. adopted.Document.Objects.Select(item => new StackObjectAnswer(item.Kind, item.Key, Owner, Found: null))], adopted.Document.ToJson()));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string project, string stack, StackStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var (precondition, refusal) = Precondition.Of(http.Request, required: true);
        if (refusal is not null)
        {
            return refusal;
        }

        return Name(project, stack) is not { } name ? Unknown() : await store.RemoveAsync(name, precondition, http.Actor(), cancellationToken) switch
        {
            true => TypedResults.NoContent(),
            false => Precondition.Failed($"The stack {name}"),
            null => Unknown(),
        };
    }

    private static StackObjectAnswer ObjectOf((string Kind, string Key) item, IReadOnlyList<Look> looks) => new(item.Kind, item.Key, Owner, item.Kind switch
    {
        "gateway" => looks.Any(look => look.Plan.Gateway == item.Key && look.Plan.Exists),
        "secret" => looks.Any(look => look.Observed.Secrets.Any(secret => secret.Name == item.Key)),
        // Stores are read where a gateway has stored keys.
        "secret_store" when looks.Any(look => look.Reading.WithKeys) => looks.Any(look => look.Observed.Stores.Any(store => store.Id == item.Key)),
        _ => null,
    });

    private static ProblemHttpResult Refused(IReadOnlyList<Rules.RuleSetError> errors)
    {
        var problem = Problem.Conflict("stack_conflict", errors[0].Message);
        problem.ProblemDetails.Extensions["errors"] = errors;
        return problem;
    }

    // A name that cannot be need not reach the database, which refuses some characters with an error.
    private static string? Name(string project, string stack) => (project + stack).All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? $"{project}/{stack}" : null;

    private static ProblemHttpResult Unknown() => Problem.NotFound("stack_not_found", "There is no such stack here: `gatewayops stack list` shows them, `gatewayops stack adopt` adds one.");
}
