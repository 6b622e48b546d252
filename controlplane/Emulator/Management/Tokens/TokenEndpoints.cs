using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>API tokens of the account, at `/accounts/{id}/tokens`, and of its user, at `/user/tokens` (contract section 10).</summary>
public static class TokenEndpoints
{
    /// <param name="owner">The account's group or the user's.</param>
    public static void MapTokens(this RouteGroupBuilder owner)
    {
        owner.MapGet("/tokens/permission_groups", PermissionGroups).Needs("What tokens can be granted").Asks(AskedParameter.Text("name"), AskedParameter.Text("scope"));
        owner.MapGet("/tokens", List).Needs("Tokens of the owner, without their values")
            .Asks([.. AskedParameter.Pages(1, 1000), AskedParameter.Choice("direction", "asc", "desc"), AskedParameter.Flag("include_expired")]);
        owner.MapPost("/tokens", Create).Needs("Create a token; the only answer with its value").Takes(TokenShape.Create);
        owner.MapGet("/tokens/{tokenId}", Get).Needs("One token, without its value");
        owner.MapPut("/tokens/{tokenId}", Update).Needs("Overwrite a token").Takes(TokenShape.Update);
        owner.MapDelete("/tokens/{tokenId}", Delete).Needs("Delete a token");
        owner.MapPut("/tokens/{tokenId}/value", Roll).Needs("Give a token a new value").Takes(Shapes.ObjectOf());
    }

    private static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, string summary)
    {
        endpoint.Add(builder => builder.Metadata.Add(
            ((RouteEndpointBuilder)builder).RoutePattern.Parameters.Any(parameter => parameter.Name == "accountId")
                ? new PermissionNeed(Permission.AccountTokensRead, Permission.AccountTokensWrite)
                : new PermissionNeed(Permission.UserTokensRead, Permission.UserTokensWrite)));
        return endpoint.WithSummary(summary).WithTags("Tokens");
    }

    private static IResult PermissionGroups(HttpContext context)
    {
        var (name, scope) = (context.Request.Query["name"].ToString(), context.Request.Query["scope"].ToString());
        return Envelope.Result(new JsonArray([.. Permission.All
            .Where(permission => Owner(context) == TokenOwner.User || permission.Scope == Permission.AccountScope)
            .Where(permission => name.Length == 0 || string.Equals(permission.Name, name, StringComparison.OrdinalIgnoreCase))
            .Where(permission => scope.Length == 0 || permission.Scope == scope)
            .Select(TokenJson.Of)]));
    }

    private static IResult List(HttpContext context, EmulatorState state, EmulatorOptions options, EmulatorClock clock)
    {
        var query = context.Request.Query;
        var errors = new List<ApiError>();
        var page = PageRequest.Read(context, 1, 1000, errors);
        var (direction, expired) = (query["direction"].ToString(), query["include_expired"].ToString());
        if (direction is not ("" or "asc" or "desc"))
            errors.Add(ApiError.Invalid(FieldPath.Query["direction"], $"Invalid enum value. Expected 'asc' | 'desc', received '{direction}'"));
        if (expired is not ("" or "true" or "false"))
            errors.Add(ApiError.Invalid(FieldPath.Query["include_expired"], $"Expected boolean, received '{expired}'"));
        if (errors.Count > 0)
            return Invalid(errors, options);
        var (owner, now) = (Owner(context), clock.GetUtcNow());
        // Only the account's list has the parameter; the user's list shows every token.
        var found = state.Tokens.Of(owner).Where(token => owner == TokenOwner.User || expired == "true" || token.StatusAt(now) != TokenStatus.Expired);
        return page.Answer<TokenState>([.. direction == "desc" ? found.Reverse() : found], token => Json(token, state, clock));
    }

    private static async Task<IResult> Create(HttpContext context, EmulatorState state, EmulatorOptions options, EmulatorClock clock, CancellationToken cancellationToken)
    {
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        var owner = Owner(context);
        var (terms, errors) = TokenReader.Read(body, TokenShape.Create, AccountId(context), old: null);
        if (terms is null)
            return Invalid(errors, options);
        if (state.Tokens.Add(owner, terms) is not var (token, value))
            return Refuse($"Maximum number of tokens ({(owner == TokenOwner.User ? options.MaxUserTokens : options.MaxAccountTokens)}) reached", options);
        var json = Json(token, state, clock);
        json["value"] = value;
        return Envelope.Result(json);
    }

    private static IResult Get(HttpContext context, string tokenId, EmulatorState state, EmulatorOptions options, EmulatorClock clock) =>
        state.Tokens.Find(Owner(context), tokenId) is { } token ? Envelope.Result(Json(token, state, clock)) : NotFound(options);

    private static async Task<IResult> Update(HttpContext context, string tokenId, EmulatorState state, EmulatorOptions options, EmulatorClock clock, CancellationToken cancellationToken)
    {
        if (state.Tokens.Find(Owner(context), tokenId) is not { } old)
            return NotFound(options);
        var body = await JsonText.ReadAsync(context.Request, cancellationToken);
        var (terms, errors) = TokenReader.Read(body, TokenShape.Update, AccountId(context), old.Terms);
        if (terms is null)
            return Invalid(errors, options);
        return state.Tokens.Change(Owner(context), tokenId, terms) is { } token ? Envelope.Result(Json(token, state, clock)) : NotFound(options);
    }

    private static IResult Delete(HttpContext context, string tokenId, EmulatorState state, EmulatorOptions options) =>
        state.Tokens.Remove(Owner(context), tokenId) is null ? NotFound(options) : Envelope.Result(new JsonObject { ["id"] = tokenId });

    private static async Task<IResult> Roll(HttpContext context, string tokenId, EmulatorState state, EmulatorOptions options, CancellationToken cancellationToken)
    {
        // `{}` as documented, or nothing, as the official client sends it.
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        if (hasBody && await JsonText.ReadAsync(context.Request, cancellationToken) is not { ValueKind: JsonValueKind.Object })
            return Invalid([ApiError.Invalid(FieldPath.Body, "Input Validation Error")], options);
        return state.Tokens.Roll(Owner(context), tokenId) is { } value ? Envelope.Result(JsonValue.Create(value)) : NotFound(options);
    }

    private static TokenOwner Owner(HttpContext context) => AccountId(context) is null ? TokenOwner.User : TokenOwner.Account;

    private static string? AccountId(HttpContext context) => context.Request.RouteValues["accountId"]?.ToString();

    private static JsonObject Json(TokenState token, EmulatorState state, EmulatorClock clock) => TokenJson.Of(token, state.Tokens.LastUsed(token), clock.GetUtcNow());

    private static IResult NotFound(EmulatorOptions options) =>
        Envelope.Failure(StatusCodes.Status404NotFound, new ApiError(options.Assumptions.TokenErrorCode, "Token was not found"));

    private static IResult Refuse(string message, EmulatorOptions options) =>
        Envelope.Failure(StatusCodes.Status400BadRequest, new ApiError(options.Assumptions.TokenErrorCode, message));

    private static IResult Invalid(IEnumerable<ApiError> errors, EmulatorOptions options) => Envelope.Failure(
        StatusCodes.Status400BadRequest,
        errors.Select(error => new ApiError(options.Assumptions.TokenErrorCode, error.Message) { Pointer = error.Path!.ToPointer() }));
}
