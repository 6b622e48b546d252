using System.Text;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Access;

/// <summary>What a token is for: the operator API, or calls through the proxy.</summary>
public enum TokenKind
{
    Operator,
    Key,
}

/// <summary>
/// `Scope` makes an operator token, `Key` a virtual key: one of them. `ExpiresIn`: seconds, 60 to 315360000 (ten years); absent never expires.
/// </summary>
public sealed record CreateTokenRequest(string Name, OperatorScope? Scope = null, VirtualKeyTerms? Key = null, long? ExpiresIn = null);

/// <summary>`Grace`: seconds that the value before still counts, 0 to 604800 (a week), 3600 when absent. `ExpiresIn`: seconds from now; absent is as long as it was issued for.</summary>
public sealed record RotateTokenRequest(long? Grace = null, long? ExpiresIn = null);

/// <summary>An issued token. Its value is not here and cannot be read back from anywhere. `Scope` is null for a virtual key, `Key` for an operator token. `State`: active, expired or revoked.</summary>
public sealed record TokenAnswer(
    Guid Id, string Name, TokenKind Kind, OperatorScope? Scope, VirtualKeyTerms? Key, string State, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset? ExpiresAt, DateTimeOffset? RotatedAt, DateTimeOffset? PreviousUntil, DateTimeOffset? RevokedAt)
{
    public static TokenAnswer Of(IssuedTokenRow row, DateTimeOffset now) => new(
        row.Id, row.Name, row.Kind(), row.Scope(), row.Terms(),
        row.RevokedAt is not null ? "revoked" : row.HasExpired(now) ? "expired" : "active",
        row.CreatedAt, row.CreatedBy, row.ExpiresAt, row.RotatedAt, row.PreviousUntil > now ? row.PreviousUntil : null, row.RevokedAt);
}

/// <summary>`next` is the cursor of the following page, null on the last one.</summary>
public sealed record TokenListAnswer(IReadOnlyList<TokenAnswer> Tokens, string? Next);

/// <summary>`Token` is shown in this one answer; a repetition with the same Idempotency-Key has null there, because it is stored nowhere. `PreviousUntil`: until when the value before counts.</summary>
public sealed record NewTokenAnswer(
    Guid Id, string Name, TokenKind Kind, OperatorScope? Scope, VirtualKeyTerms? Key, DateTimeOffset? ExpiresAt, DateTimeOffset? PreviousUntil, string? Token)
{
    public static NewTokenAnswer Of(TokenChange.Done done, bool withToken) => new(
        done.Row.Id, done.Row.Name, done.Row.Kind(), done.Row.Scope(), done.Row.Terms(), done.Row.ExpiresAt, done.Row.PreviousUntil, withToken ? done.Token : null);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Name = {Name}, Kind = {Kind}, Token = (hidden)");
        return true;
    }
}

internal static class IssuedTokenAnswers
{
    public static TokenKind Kind(this IssuedTokenRow row) => row is VirtualKeyRow ? TokenKind.Key : TokenKind.Operator;

    public static OperatorScope? Scope(this IssuedTokenRow row) => row is OperatorTokenRow token ? Enum.Parse<OperatorScope>(token.Scope, ignoreCase: true) : null;

    public static VirtualKeyTerms? Terms(this IssuedTokenRow row) => row is VirtualKeyRow key ? VirtualKeyTerms.Of(key) : null;
}
