using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Content;

/// <summary>The part of `content` that stores and shows documents; what compares them with Cloudflare is in Reconciliation.</summary>
public static class ContentEndpoints
{
    private const string RevisionHeader = "x-gatewayops-revision";

    public static IEndpointRouteBuilder MapContentEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var content = endpoints.MapGroup("/api/v1/content").RequireOperator(OperatorScope.Read).WithTags("Content");
        content.MapPost("", AddAsync).RequireOperator(OperatorScope.Apply).TakesDocument().Idempotent().TakesIfMatch(required: false)
            .WithSummary("Stores a rule set as its next revision; the same content as the latest revision adds none.");
        content.MapPost("/validate", ValidateAsync).RequireOperator(OperatorScope.Apply).TakesDocument()
            .WithSummary("Checks a rule set and says where each setting would be enforced. Stores nothing.");
        content.MapGet("", ListAsync).WithSummary("The rule sets by name.");
        content.MapGet("/{name}", GetLatestAsync).GivesDocument().WithSummary("The latest revision, as its author wrote it.");
        content.MapGet("/{name}/revisions", RevisionsAsync).WithSummary("The revisions, newest first.");
        content.MapGet("/{name}/revisions/{revision:int}", GetRevisionAsync).GivesDocument().WithSummary("One revision, as its author wrote it.");
        content.MapGet("/{name}/diff", DiffAsync).WithSummary("What differs in meaning between two revisions.");
        return endpoints;
    }

    private static async Task<Results<Created<AddedAnswer>, Ok<AddedAnswer>, ProblemHttpResult>> AddAsync(
        string? name, HttpRequest request, ContentStore store, Activations activations, CancellationToken cancellationToken)
    {
        var (precondition, refusal) = Precondition.Of(request, required: false);
        var document = await BodyAsync(request, cancellationToken);
        var draft = Draft.Of(document, activations.GatewaysOf);
        if (refusal is not null || !draft.IsValid)
        {
            return refusal ?? Invalid(draft);
        }

        if ((name ?? draft.Document!.Name) is not { } given)
        {
            return Problem.Invalid("name_missing", "The rule set has no name: give it one with ?name=, or with the field `name`.",
                [new(RuleSetErrorCodes.Required, "/name", "A rule set needs a name: this field, or ?name=.")]);
        }

        if (!RuleSetName.IsValid(given))
        {
            return Problem.Invalid("name_invalid", $"The name of a rule set is {RuleSetName.Rule}.", [new(RuleSetErrorCodes.InvalidValue, "/name", $"Must be {RuleSetName.Rule}.")]);
        }

        var (revision, unchanged) = await store.AddAsync(given, document, draft.Hash!, precondition, request.HttpContext.Actor(), cancellationToken);
        if (revision is null)
        {
            return Precondition.Failed(given);
        }

        request.HttpContext.Response.Headers.ETag = Precondition.Tag(revision.Number);
        var answer = new AddedAnswer(given, revision.Number, revision.Hash, revision.CreatedAt, unchanged);
        return unchanged ? TypedResults.Ok(answer) : TypedResults.Created($"/api/v1/content/{given}/revisions/{revision.Number}", answer);
    }

    private static async Task<Results<Ok<ValidAnswer>, ProblemHttpResult>> ValidateAsync(
        HttpRequest request, Activations activations, CancellationToken cancellationToken)
    {
        var draft = Draft.Of(await BodyAsync(request, cancellationToken), activations.GatewaysOf);
        return draft.IsValid ? TypedResults.Ok(ValidAnswer.Of(draft)) : Invalid(draft);
    }

    private static async Task<Results<Ok<ConfigListAnswer>, ProblemHttpResult>> ListAsync(
        int? limit, string? cursor, ContentQueries queries, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        return page is null ? refusal! : TypedResults.Ok(await queries.ListAsync(page, cancellationToken));
    }

    private static Task<Results<FileContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> GetLatestAsync(
        string name, HttpContext context, ContentQueries queries, CancellationToken cancellationToken) => GetAsync(name, null, context, queries, cancellationToken);

    private static Task<Results<FileContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> GetRevisionAsync(
        string name, int revision, HttpContext context, ContentQueries queries, CancellationToken cancellationToken) => GetAsync(name, revision, context, queries, cancellationToken);

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> GetAsync(
        string name, int? number, HttpContext context, ContentQueries queries, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(Searchable(name), number, cancellationToken) is not { } revision)
        {
            return Unknown(name, number);
        }

        var tag = Precondition.Tag(revision.Number);
        context.Response.Headers.ETag = tag;
        context.Response.Headers[RevisionHeader] = new RevisionId(revision.RuleSet, revision.Number).ToString();
        return context.Request.Headers.IfNoneMatch == tag
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.File(revision.Document, "application/json");
    }

    private static async Task<Results<Ok<RevisionListAnswer>, ProblemHttpResult>> RevisionsAsync(
        string name, int? limit, string? cursor, ContentQueries queries, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        return await queries.RevisionsAsync(Searchable(name), page, cancellationToken) is { } answer ? TypedResults.Ok(answer) : Unknown(name, null);
    }

    private static async Task<Results<Ok<DiffAnswer>, ProblemHttpResult>> DiffAsync(string name, int? from, int? to, ContentQueries queries, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(Searchable(name), to, cancellationToken) is not { } newer)
        {
            return Unknown(name, to);
        }

        var before = from ?? newer.Number - 1;
        var older = before == 0 ? null : await queries.FindAsync(Searchable(name), before, cancellationToken);
        if (older is null && before != 0)
        {
            return Unknown(name, before);
        }

        try
        {
            var changes = DocumentDiff.Between(older is null ? Nothing : StoredRevision.Read(older).Document, StoredRevision.Read(newer).Document);
            return TypedResults.Ok(new DiffAnswer(newer.RuleSet, before, newer.Number, [.. changes.Select(DiffChange.Of)]));
        }
        catch (UnreadableRevisionException unreadable)
        {
            return Problem.Invalid("rule_set_unreadable", unreadable.Message, unreadable.Errors);
        }
    }

    /// <summary>What there was before the first revision.</summary>
    private static RuleSet Nothing { get; } = RuleSetReader.Read("{}"u8.ToArray()).RuleSet!;

    internal static RouteHandlerBuilder TakesDocument(this RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new RequestSizeLimitAttribute(Draft.MaxBytes))
        .Accepts<System.Text.Json.Nodes.JsonObject>("application/json");

    private static RouteHandlerBuilder GivesDocument(this RouteHandlerBuilder endpoint) => endpoint
        .Produces<System.Text.Json.Nodes.JsonObject>(StatusCodes.Status200OK, "application/json")
        .Produces(StatusCodes.Status304NotModified);

    internal static async Task<byte[]> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    /// <summary>The refusal of a draft, with every error.</summary>
    internal static ProblemHttpResult Invalid(Draft draft) =>
        draft.Errors is [{ Code: RuleSetErrorCodes.InvalidJson } error]
            ? Problem.Of(400, error.Code, "The body is not JSON", error.Message, draft.Errors)
            : Problem.Invalid("rule_set_invalid", draft.Errors.Count == 1 ? draft.Errors[0].Message : $"The rule set has {draft.Errors.Count} errors.", draft.Errors);

    /// <summary>The refusal of a rule set, or of a revision of it, that is not there.</summary>
    internal static ProblemHttpResult Unknown(string name, int? number) => number is null
        ? Problem.NotFound("rule_set_not_found", $"There is no rule set {name}: `gatewayops content list` shows them.")
        : Problem.NotFound("revision_not_found", $"There is no revision {name}@{number}: `gatewayops content history --name {name}` shows them.");

    /// <summary>A name that cannot exist need not reach the database, which refuses some characters with an error.</summary>
    internal static string Searchable(string name) => RuleSetName.IsValid(name) ? name : "";
}
