using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>What an operator may do; each includes the ones before it.</summary>
public enum OperatorScope
{
    /// <summary>See everything that the API shows.</summary>
    Read,

    /// <summary>Change rule sets and apply them.</summary>
    Apply,

    /// <summary>Handle keys and tokens, too.</summary>
    Admin,
}

/// <summary>The tokens of the operator API.</summary>
public sealed class OperatorOptions
{
    public const string Section = "GatewayOps:Operator";

    /// <summary>One token with the scope admin, for the simple case (GATEWAYOPS_OPERATOR_TOKEN).</summary>
    public string? Token { get; init; }

    public IReadOnlyList<OperatorTokenOptions> Tokens { get; init; } = [];
}

/// <summary>A named token: its value, or the hash of it.</summary>
public sealed class OperatorTokenOptions
{
    /// <summary>Who uses it; audit rows carry this name.</summary>
    public string Name { get; init; } = "";

    public string? Token { get; init; }

    /// <summary>SHA-256 of the token in hex (`printf %s "$TOKEN" | sha256sum`), so that the setting itself opens nothing.</summary>
    public string? Hash { get; init; }

    public OperatorScope Scope { get; init; }
}

public sealed class OperatorOptionsValidator : IValidateOptions<OperatorOptions>
{
    private const int MinimumLength = 8;

    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        var failures = new List<string>();
        if (options.Token is { Length: < MinimumLength })
        {
            failures.Add($"{OperatorOptions.Section}:Token (GATEWAYOPS_OPERATOR_TOKEN) is shorter than {MinimumLength} characters: make one with `openssl rand -hex 24`");
        }

        for (var i = 0; i < options.Tokens.Count; i++)
        {
            var (token, key) = (options.Tokens[i], $"{OperatorOptions.Section}:Tokens:{i}");
            if (token.Name.Length == 0 || token.Name == OperatorTokens.SingleName)
            {
                failures.Add($"{key}:Name must be set, and not be `{OperatorTokens.SingleName}`: audit rows carry it");
            }

            if ((token.Token is null) == (token.Hash is null))
            {
                failures.Add($"{key} needs Token or Hash, one of them");
            }

            if (token.Token is { Length: < MinimumLength })
            {
                failures.Add($"{key}:Token is shorter than {MinimumLength} characters: make one with `openssl rand -hex 24`");
            }

            if (token.Hash is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
            {
                failures.Add($"{key}:Hash must be the 64 hex digits of a SHA-256: printf %s \"$TOKEN\" | sha256sum");
            }
        }

        if (options.Tokens.GroupBy(token => token.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            failures.Add($"{OperatorOptions.Section}:Tokens has two tokens with the name `{twice.Key}`");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
