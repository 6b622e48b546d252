using System.Text;
using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.SecretsStore;

/// <summary>The members of a secret in a request, and what is wrong with them (contract section 9): the first problem, by its name.</summary>
public static class SecretBody
{
    /// <summary>UTF-8 bytes of a value.</summary>
    public const int LongestValue = 65_536;

    public static readonly string[] Scopes = ["access", "ai_gateway", "containers", "dex", "websearch", "workers"];

    /// <summary>Of a new secret: name, value and scopes.</summary>
    public static string? Problem(JsonElement secret) =>
        secret.ValueKind != JsonValueKind.Object ? "invalid_json_body" : NameProblem(secret) ?? ValueProblem(secret) ?? ScopeProblem(secret) ?? CommentProblem(secret);

    /// <summary>Of a copy: name and scopes.</summary>
    public static string? CopyProblem(JsonElement copy) =>
        copy.ValueKind != JsonValueKind.Object ? "invalid_json_body" : NameProblem(copy) ?? ScopeProblem(copy) ?? CommentProblem(copy);

    /// <summary>Of a change: what it names.</summary>
    public static string? ChangeProblem(JsonElement change) => change.ValueKind != JsonValueKind.Object
        ? "invalid_json_body"
        : (Has(change, "value") ? ValueProblem(change) : null) ?? (Has(change, "scopes") ? ScopeProblem(change) : null) ?? CommentProblem(change);

    public static string[]? ScopesOf(JsonElement secret) => secret.TryGetProperty("scopes", out var scopes) && scopes.ValueKind == JsonValueKind.Array
        ? [.. scopes.EnumerateArray().Select(scope => scope.ValueKind == JsonValueKind.String ? scope.GetString()! : "")]
        : null;

    private static bool Has(JsonElement secret, string name) => secret.TryGetProperty(name, out _);

    private static string? NameProblem(JsonElement secret) => secret.TextOf("name") is { Length: > 0 } ? null : "secret_name_empty";

    private static string? ValueProblem(JsonElement secret) => secret.TextOf("value") switch
    {
        null or "" => "secret_value_empty",
        var value when Encoding.UTF8.GetByteCount(value) > LongestValue => "secret_value_too_long",
        _ => null,
    };

    private static string? ScopeProblem(JsonElement secret) => ScopesOf(secret) switch
    {
        null or [] => "secret_scopes_empty",
        var scopes when scopes.Except(Scopes).Any() => "secret_scope_invalid",
        _ => null,
    };

    private static string? CommentProblem(JsonElement secret) =>
        secret.TryGetProperty("comment", out var comment) && comment.ValueKind is not (JsonValueKind.String or JsonValueKind.Null) ? "invalid_json_body" : null;
}
