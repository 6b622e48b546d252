using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Reconciliation.Api;

public sealed record ProviderKeyListAnswer(IReadOnlyList<ProviderKeyAnswer> Keys);

/// <summary>A declared key. Its value is not here and cannot be read back from anywhere.</summary>
public sealed record ProviderKeyAnswer(string Gateway, string Provider, string Alias, string Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? RotatedAt)
{
    public static ProviderKeyAnswer Of(ProviderKeyRow row) => new(row.Gateway, row.Provider, row.Alias, row.Fingerprint, row.CreatedAt, row.RotatedAt);
}

/// <summary>`Status` is active, or pending while Cloudflare still activates the secret; `Run` is the pass that linked it to the gateway.</summary>
public sealed record ProviderKeyPutAnswer(string Gateway, string Provider, string Alias, string Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? RotatedAt, string Status, Run Run);

/// <summary>`Alias` absent is `default`. `Value`: the provider's key; for Bedrock and Vertex the JSON that Cloudflare takes.</summary>
public sealed record PutProviderKeyRequest(string Gateway, string Provider, string Value, string? Alias = null)
{
    public override string ToString() => $"{Gateway} {Provider} {Alias}";
}

public sealed record RotateProviderKeyRequest(string Value)
{
    public override string ToString() => "(a key)";
}

/// <summary>As after a put; the two fingerprints tell the old value from the new one.</summary>
public sealed record ProviderKeyRotateAnswer(string Gateway, string Provider, string Alias, string PreviousFingerprint, string Fingerprint, DateTimeOffset RotatedAt, string Status, Run Run);

/// <summary>`provider-keys`: stored keys (BYOK).</summary>
public static class ProviderKeyEndpoints
{
    // Cloudflare contract, section 9.
    private const int LongestValue = 65_536;

    public static void MapProviderKeys(this RouteGroupBuilder api)
    {
        var keys = api.MapGroup("/provider-keys").WithTags("Provider keys");
        keys.MapGet("", async (ProviderKeys store, CancellationToken cancellationToken) =>
                TypedResults.Ok(new ProviderKeyListAnswer([.. (await store.ListAsync(cancellationToken)).Select(ProviderKeyAnswer.Of)])))
            .RequireOperator(OperatorScope.Read).WithSummary("The declared keys, by fingerprint.");
        keys.MapPost("", PutAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Puts a key's value into Cloudflare's Secrets Store, or replaces it, and links it to the gateway.");
        keys.MapPost("/{gateway}/{provider}/{alias}/rotate", RotateAsync).RequireOperator(OperatorScope.Admin).Idempotent().WithSummary("Replaces a key's value in its place, without a moment in which there is none.");
        keys.MapDelete("/{gateway}/{provider}/{alias}", RemoveAsync).RequireOperator(OperatorScope.Apply).Idempotent().WithSummary("Removes a key: its link and its secret.");
    }

    private static async Task<Results<Created<ProviderKeyPutAnswer>, ProblemHttpResult>> PutAsync(
        PutProviderKeyRequest request, ProviderKeys store, HttpContext http, CancellationToken cancellationToken)
    {
        var alias = request.Alias ?? DeclaredKey.DefaultAlias;
        var errors = Check(request, alias).ToList();
        if (errors.Count > 0)
        {
            return Problem.Of(422, "provider_key_invalid", "The key cannot be stored", errors[0].Message, errors);
        }

        var key = new NewProviderKey(request.Gateway, ProviderCatalogue.SlugOf(request.Provider)!, alias, request.Value);
        return await store.PutAsync(key, http.Actor(), cancellationToken) switch
        {
            KeyPutResult.GatewayNotFound => Problem.Conflict("gateway_not_found", ReconciliationProblems.Missing([request.Gateway])),
            KeyPutResult.OwnedElsewhere other => OwnedElsewhere(other),
            KeyPutResult.Put { Key: var row } put => TypedResults.Created($"/api/v1/provider-keys/{row.Gateway}/{row.Provider}/{row.Alias}",
                new ProviderKeyPutAnswer(row.Gateway, row.Provider, row.Alias, row.Fingerprint, row.CreatedAt, row.RotatedAt, put.Active ? "active" : "pending", put.Run)),
            _ => throw new InvalidOperationException("Every result is answered above."),
        };
    }

    private static async Task<Results<Ok<ProviderKeyRotateAnswer>, ProblemHttpResult>> RotateAsync(
        string gateway, string provider, string alias, RotateProviderKeyRequest request, ProviderKeys store, HttpContext http, CancellationToken cancellationToken)
    {
        var asked = new PutProviderKeyRequest(gateway, provider, request.Value, alias);
        if (Check(asked, alias).ToList() is { Count: > 0 } errors)
        {
            // What is in the address names a key that cannot be; what is in the body is wrong.
            return errors.Find(error => error.Pointer == "/value") is { } fault && errors.Count == 1
                ? Problem.Of(422, "provider_key_invalid", "The key cannot be stored", fault.Message, errors)
                : Missing(asked);
        }

        return await store.RotateAsync(new NewProviderKey(gateway, ProviderCatalogue.SlugOf(provider)!, alias, request.Value), http.Actor(), cancellationToken) switch
        {
            KeyPutResult.NotDeclared => Missing(asked),
            KeyPutResult.GatewayNotFound => Problem.Conflict("gateway_not_found", ReconciliationProblems.Missing([gateway])),
            KeyPutResult.OwnedElsewhere other => OwnedElsewhere(other),
            KeyPutResult.Put { Key: var row } put => TypedResults.Ok(new ProviderKeyRotateAnswer(
                row.Gateway, row.Provider, row.Alias, put.PreviousFingerprint!, row.Fingerprint, row.RotatedAt!.Value, put.Active ? "active" : "pending", put.Run)),
            _ => throw new InvalidOperationException("Every result is answered above."),
        };
    }

    private static ProblemHttpResult Missing(PutProviderKeyRequest key) =>
        Problem.NotFound("provider_key_not_found", $"There is no key {key.Gateway}/{key.Provider}/{key.Alias}: `gatewayops keys list` shows them.");

    private static ProblemHttpResult OwnedElsewhere(KeyPutResult.OwnedElsewhere other) => Problem.Conflict("secret_owned_elsewhere", other.Stack is { } stack
        ? $"The secret {other.SecretName} belongs to the stack {stack}: change its value there and run `pulumi up`, or declare the key under another alias."
        : $"The Secrets Store has a secret {other.SecretName} that GatewayOps did not make (Pulumi may own it): change it there, or declare the key under another alias.");

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string gateway, string provider, string alias, ProviderKeys store, HttpContext http, CancellationToken cancellationToken)
    {
        var slug = ProviderCatalogue.SlugOf(provider) ?? provider;
        return GatewayId.IsValid(gateway) && IsAlias(alias) && await store.RemoveAsync(gateway, slug, alias, http.Actor(), cancellationToken) is not null
            ? TypedResults.NoContent()
            : Missing(new(gateway, provider, "", alias));
    }

    private static IEnumerable<RuleSetError> Check(PutProviderKeyRequest request, string alias)
    {
        if (!GatewayId.IsValid(request.Gateway))
        {
            yield return new("invalid_value", "/gateway", $"gateway must be {GatewayId.Rule}.");
        }

        if (ProviderCatalogue.SlugOf(request.Provider) is null)
        {
            yield return new("unknown_provider", "/provider", $"The gateway has no such provider{(ProviderCatalogue.Suggest(request.Provider) is { } near ? $"; did you mean {near}?" : ".")}");
        }

        if (!IsAlias(alias))
        {
            yield return new("invalid_value", "/alias", "alias must be 1 to 64 of a-z 0-9 -.");
        }

        if (string.IsNullOrWhiteSpace(request.Value) || request.Value.Length > LongestValue)
        {
            yield return new("invalid_value", "/value", $"value must be 1 to {LongestValue} characters.");
        }
        else if (request.Value[0] != '{' && request.Value.Any(c => c is < ' ' or > '~'))
        {
            // The gateway sends it in a header, where a line break begins another one.
            yield return new("invalid_value", "/value", "value has a character that a header cannot carry, such as a line break: send the key alone, in visible ASCII.");
        }
    }

    // Without underscores: a secret's name joins gateway, provider and alias by them, and must not be that of another key.
    private static bool IsAlias(string alias) => alias.Length is >= 1 and <= 64 && alias.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
