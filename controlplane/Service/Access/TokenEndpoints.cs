using System.Text;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GatewayOps.ControlPlane.Access;

/// <summary>`ExpiresIn`: seconds, 60 to 315360000 (ten years); absent never expires.</summary>
public sealed record CreateTokenRequest(string Name, OperatorScope Scope, long? ExpiresIn = null);

/// <summary>`Grace`: seconds that the value before still counts, 0 to 604800 (a week), 3600 when absent. `ExpiresIn`: seconds from now; absent is as long as it was issued for.</summary>
public sealed record RotateTokenRequest(long? Grace = null, long? ExpiresIn = null);

/// <summary>An issued token. Its value is not here and cannot be read back from anywhere. `State`: active, expired or revoked.</summary>
public sealed record TokenAnswer(
    Guid Id, string Name, OperatorScope Scope, string State, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset? ExpiresAt, DateTimeOffset? RotatedAt, DateTimeOffset? PreviousUntil, DateTimeOffset? RevokedAt)
{
    public static TokenAnswer Of(OperatorTokenRow row, DateTimeOffset now) => new(
        row.Id, row.Name, Enum.Parse<OperatorScope>(row.Scope, ignoreCase: true),
        row.RevokedAt is not null ? "revoked" : OperatorTokenStore.HasExpired(row, now) ? "expired" : "active",
        row.CreatedAt, row.CreatedBy, row.ExpiresAt, row.RotatedAt, row.PreviousUntil > now ? row.PreviousUntil : null, row.RevokedAt);
}

/// <summary>`next` is the cursor of the following page, null on the last one.</summary>
public sealed record TokenListAnswer(IReadOnlyList<TokenAnswer> Tokens, string? Next);

/// <summary>`Token` is shown in this one answer; a repetition with the same Idempotency-Key has null there, because it is stored nowhere. `PreviousUntil`: until when the value before counts.</summary>
public sealed record NewTokenAnswer(Guid Id, string Name, OperatorScope Scope, DateTimeOffset? ExpiresAt, DateTimeOffset? PreviousUntil, string? Token)
{
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Name = {Name}, Scope = {Scope}, Token = (hidden)");
        return true;
    }
}

/// <summary>
/// `tokens`: operator tokens. To issue one takes the scope admin, which is the largest: what is issued never exceeds its issuer.
/// </summary>
public static partial class TokenEndpoints
{
    private const long ShortestLife = 60, LongestLife = 315_360_000, LongestGrace = 604_800, DefaultGrace = 3600;

    public static void MapTokens(this IEndpointRouteBuilder endpoints)
    {
        var tokens = endpoints.MapGroup("/api/v1/tokens").WithTags("Tokens");
        tokens.MapGet("", ListAsync).RequireOperator(OperatorScope.Read).WithSummary("The issued tokens, newest first, without their values.");
        tokens.MapGet("/{id}", FindAsync).RequireOperator(OperatorScope.Read).WithSummary("One issued token, without its value.");
        tokens.MapPost("", CreateAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Issues a token. Its value is shown in this one answer.");
        tokens.MapPost("/{id}/rotate", RotateAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Gives a token another value; the one before counts for the time of grace.");
        tokens.MapDelete("/{id}", RevokeAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Revokes a token: here at once, on every replica within 5 seconds.");
    }

    private static async Task<Results<Ok<TokenListAnswer>, ProblemHttpResult>> ListAsync(int? limit, string? cursor, OperatorTokenStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var (page, refusal) = Page.Of(limit, cursor);
        if (page is null)
        {
            return refusal!;
        }

        Guid? before = Guid.TryParse(page.After, out var id) ? id : null;
        if (page.After is not null && before is null)
        {
            return Page.Foreign();
        }

        var now = time.GetUtcNow();
        var (items, next) = page.Cut(await store.ListAsync(before, page.Limit + 1, cancellationToken), row => row.Id.ToString());
        return TypedResults.Ok(new TokenListAnswer([.. items.Select(row => TokenAnswer.Of(row, now))], next));
    }

    private static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> FindAsync(string id, OperatorTokenStore store, TimeProvider time, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var guid) && await store.FindAsync(guid, cancellationToken) is { } row ? TypedResults.Ok(TokenAnswer.Of(row, time.GetUtcNow())) : NotFound(id);

    private static async Task<Results<Created<NewTokenAnswer>, ProblemHttpResult>> CreateAsync(
        CreateTokenRequest request, OperatorTokenStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var errors = new List<RuleSetError>();
        if (!Name().IsMatch(request.Name))
        {
            errors.Add(new("invalid_value", "/name", "name must be 1 to 64 of A-Z a-z 0-9 . _ -, starting with a letter or digit."));
        }

        errors.AddRange(Lifetime(request.ExpiresIn));
        if (errors.Count > 0)
        {
            return Invalid(errors);
        }

        var change = await store.CreateAsync(
            request.Name, request.Scope, request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null, http.Actor(),
            (db, done) => http.StoreAnswerAsync(db, StatusCodes.Status201Created, Answer(done, withToken: false), cancellationToken), cancellationToken);
        if (change is not TokenChange.Done made)
        {
            return Refused(change, request.Name);
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/tokens/{made.Row.Id}", Answer(made, withToken: true));
    }

    private static async Task<Results<Ok<NewTokenAnswer>, ProblemHttpResult>> RotateAsync(
        string id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] RotateTokenRequest? request,
        OperatorTokenStore store, HttpContext http, CancellationToken cancellationToken)
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
            (db, done) => http.StoreAnswerAsync(db, StatusCodes.Status200OK, Answer(done, withToken: false), cancellationToken), cancellationToken);
        if (change is not TokenChange.Done rotated)
        {
            return Refused(change, id);
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(Answer(rotated, withToken: true));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string id, OperatorTokenStore store, HttpContext http, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var guid))
        {
            return NotFound(id);
        }

        return await store.RevokeAsync(guid, http.Actor(), cancellationToken) is var change and not TokenChange.Done ? Refused(change, id) : TypedResults.NoContent();
    }

    private static NewTokenAnswer Answer(TokenChange.Done done, bool withToken) => new(
        done.Row.Id, done.Row.Name, Enum.Parse<OperatorScope>(done.Row.Scope, ignoreCase: true), done.Row.ExpiresAt, done.Row.PreviousUntil, withToken ? done.Token : null);

    private static IEnumerable<RuleSetError> Lifetime(long? seconds) => seconds is < ShortestLife or > LongestLife
        ? [new("invalid_value", "/expiresIn", $"expiresIn must be {ShortestLife} to {LongestLife} seconds, or absent.")]
        : [];

    private static ProblemHttpResult Invalid(IReadOnlyList<RuleSetError> errors) => Problem.Of(422, "token_invalid", "The token cannot be issued so", errors[0].Message, errors);

    private static ProblemHttpResult Refused(TokenChange change, string named) => change switch
    {
        TokenChange.NameTaken => Problem.Conflict("token_name_taken", $"There is a token `{named}` already: rotate it (`gatewayops token rotate`), revoke it first, or choose another name."),
        TokenChange.TooMany => Problem.Conflict("token_limit_reached", $"{OperatorTokenStore.MostLive} tokens are in use: revoke one first (`gatewayops token list`)."),
        TokenChange.Ended { Row: var row } => Problem.Conflict("token_ended", $"The token `{row.Name}` {(row.RevokedAt is null ? "has expired" : "is revoked")}: issue another one (`gatewayops token create`)."),
        TokenChange.LastAdmin => Problem.Conflict("last_admin_token", "Nobody would be left with the scope admin: issue another admin token first, or set GATEWAYOPS_OPERATOR_TOKEN for the service."),
        _ => NotFound(named),
    };

    private static ProblemHttpResult NotFound(string id) => Problem.NotFound("token_not_found", $"There is no token {id}: `gatewayops token list` shows them.");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Name();
}
