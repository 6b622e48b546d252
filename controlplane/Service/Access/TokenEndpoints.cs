using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// `tokens`: operator tokens and virtual keys, in one list. To issue one takes the scope admin, which is the largest: what is issued never exceeds its issuer.
/// </summary>
public static class TokenEndpoints
{
    private const long ShortestLife = 60, LongestLife = 315_360_000, LongestGrace = 604_800, DefaultGrace = 3600;

    public static void MapTokens(this IEndpointRouteBuilder endpoints)
    {
        var tokens = endpoints.MapGroup("/api/v1/tokens").WithTags("Tokens");
        tokens.MapGet("", ListAsync).RequireOperator(OperatorScope.Read).WithSummary("The issued tokens, newest first, without their values: operator tokens and virtual keys, or one kind of them.");
        tokens.MapGet("/{id}", FindAsync).RequireOperator(OperatorScope.Read).WithSummary("One issued token, without its value.");
        tokens.MapPost("", CreateAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Issues an operator token (`scope`) or a virtual key (`key`). Its value is shown in this one answer.");
        tokens.MapPost("/{id}/rotate", RotateAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Gives a token another value; the one before counts for the time of grace.");
        tokens.MapDelete("/{id}", RevokeAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Revokes a token: here at once, on every replica within 5 seconds.");
    }

    private static async Task<Results<Ok<TokenListAnswer>, ProblemHttpResult>> ListAsync(
        string? kind, int? limit, string? cursor, TokenStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        TokenKind? wanted = kind switch { null => null, "operator" => TokenKind.Operator, "key" => TokenKind.Key, _ => (TokenKind)(-1) };
        if (wanted is { } named && !Enum.IsDefined(named))
        {
            return Problem.BadRequest("invalid_parameter", "kind must be operator or key, or left out for both.");
        }

        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        if (page.After is not null && before is null)
        {
            return Page.Foreign();
        }

        var now = time.GetUtcNow();
        var (items, next) = page.Cut(await store.ListAsync(wanted, before, page.Limit + 1, cancellationToken), row => row.Id.ToString());
        return TypedResults.Ok(new TokenListAnswer([.. items.Select(row => TokenAnswer.Of(row, now))], next));
    }

    private static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> FindAsync(string id, TokenStore store, TimeProvider time, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var guid) && await store.FindAsync(guid, cancellationToken) is { } row ? TypedResults.Ok(TokenAnswer.Of(row, time.GetUtcNow())) : NotFound(id);

    private static async Task<Results<Created<NewTokenAnswer>, ProblemHttpResult>> CreateAsync(
        CreateTokenRequest request, TokenStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var errors = Check(request).ToList();
        if (errors.Count > 0)
        {
            return Invalid(errors);
        }

        TimeSpan? lifetime = request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var change = request.Key is { } terms
            ? await store.CreateKeyAsync(request.Name, terms, lifetime, http.Actor(), KeepAsync, cancellationToken)
            : await store.CreateOperatorAsync(request.Name, request.Scope!.Value, lifetime, http.Actor(), KeepAsync, cancellationToken);
        if (change is not TokenChange.Done made)
        {
            return Refused(change, request.Name);
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/tokens/{made.Row.Id}", NewTokenAnswer.Of(made, withToken: true));

        Task KeepAsync(GatewayOpsDb db, TokenChange.Done done) => http.StoreAnswerAsync(db, StatusCodes.Status201Created, NewTokenAnswer.Of(done, withToken: false), cancellationToken);
    }

    private static async Task<Results<Ok<NewTokenAnswer>, ProblemHttpResult>> RotateAsync(
        string id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] RotateTokenRequest? request,
        TokenStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var grace = request?.Grace ?? DefaultGrace;
        List<RuleSetError> errors = [.. Lifetime(request?.ExpiresIn)];
        if (grace is < 0 or > LongestGrace)
        {
            errors.Add(new("invalid_value", "/grace", $"grace must be 0 to {LongestGrace} seconds."));
        }

        if (errors.Count > 0)
        {
            return Invalid(errors);
        }

        if (!Guid.TryParse(id, out var guid))
        {
            return NotFound(id);
        }

        var change = await store.RotateAsync(
            guid, TimeSpan.FromSeconds(grace), request?.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null, http.Actor(),
            (db, done) => http.StoreAnswerAsync(db, StatusCodes.Status200OK, NewTokenAnswer.Of(done, withToken: false), cancellationToken), cancellationToken);
        if (change is not TokenChange.Done rotated)
        {
            return Refused(change, id);
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(NewTokenAnswer.Of(rotated, withToken: true));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string id, TokenStore store, HttpContext http, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var guid))
        {
            return NotFound(id);
        }

        return await store.RevokeAsync(guid, http.Actor(), cancellationToken) is var change and not TokenChange.Done ? Refused(change, id) : TypedResults.NoContent();
    }

    private static IEnumerable<RuleSetError> Check(CreateTokenRequest request)
    {
        if (!TokenName.IsValid(request.Name))
        {
            yield return new("invalid_value", "/name", $"name must be {TokenName.Rule}.");
        }

        if ((request.Scope is null) == (request.Key is null))
        {
            yield return new("invalid_value", "/scope", "Give scope (read, apply or admin) for an operator token, or key ({} for one without limits) for a virtual key: one of them.");
        }

        foreach (var error in Lifetime(request.ExpiresIn).Concat(request.Key?.Check() ?? []))
        {
            yield return error;
        }
    }

    private static IEnumerable<RuleSetError> Lifetime(long? seconds) => seconds is < ShortestLife or > LongestLife
        ? [new("invalid_value", "/expiresIn", $"expiresIn must be {ShortestLife} to {LongestLife} seconds, or absent.")]
        : [];

    private static ProblemHttpResult Invalid(IReadOnlyList<RuleSetError> errors) => Problem.Of(422, "token_invalid", "The token cannot be issued so", errors[0].Message, errors);

    private static ProblemHttpResult Refused(TokenChange change, string named) => change switch
    {
        TokenChange.NameTaken => Problem.Conflict("token_name_taken", $"There is a token `{named}` already: rotate it (`gatewayops token rotate`), revoke it first, or choose another name."),
        TokenChange.TooMany { Most: var most } => Problem.Conflict("token_limit_reached", $"{most} tokens of this kind are in use: revoke one first (`gatewayops token list`)."),
        TokenChange.Ended { Row: var row } => Problem.Conflict("token_ended", $"The token `{row.Name}` {(row.RevokedAt is null ? "has expired" : "is revoked")}: issue another one (`gatewayops token create`)."),
        TokenChange.LastAdmin => Problem.Conflict("last_admin_token", "Nobody would be left with the scope admin: issue another admin token first, or set GATEWAYOPS_OPERATOR_TOKEN for the service."),
        _ => NotFound(named),
    };

    private static ProblemHttpResult NotFound(string id) => Problem.NotFound("token_not_found", $"There is no token {id}: `gatewayops token list` shows them.");
}
