using System.Text.Json;
using GatewayOps.Infra.Spec;
using Pulumi;
using Pulumi.Cloudflare.Inputs;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Components;

/// <summary><paramref name="Groups"/>: the account's permission groups, as id and name.</summary>
public sealed record AccessTokenArgs(string AccountId, TokenSpec Token, Output<IReadOnlyList<(string Id, string Name)>> Groups, bool Protect);

/// <summary>An API token of the account with the least that its use needs.</summary>
public sealed class AccessToken : ComponentResource
{
    public const string Type = "gatewayops:cloudflare:AccessToken";

    public AccessToken(string name, AccessTokenArgs args, ComponentResourceOptions? options = null)
        : base(Type, name, options)
    {
        var inputs = new Cloudflare.AccountTokenArgs
        {
            AccountId = args.AccountId,
            Name = args.Token.Name,
            Policies =
            {
                new AccountTokenPolicyArgs
                {
                    Effect = "allow",
                    PermissionGroups = args.Groups.Apply(groups => Groups(args.Token, groups)),
                    Resources = JsonSerializer.Serialize(new Dictionary<string, string> { [$"com.cloudflare.api.account.{args.AccountId}"] = "*" }),
                },
            },
        };
        if (args.Token.NotBefore is { } notBefore)
            inputs.NotBefore = notBefore;
        if (args.Token.ExpiresOn is { } expiresOn)
            inputs.ExpiresOn = expiresOn;
        if (args.Token.Addresses.Count > 0)
            inputs.Condition = new AccountTokenConditionArgs { RequestIp = new AccountTokenConditionRequestIpArgs { Ins = [.. args.Token.Addresses] } };

        var token = new Cloudflare.AccountToken(name, inputs, new CustomResourceOptions { Parent = this, Protect = args.Protect, Aliases = [new Alias { NoParent = true }] });
        Value = Output.CreateSecret(token.Value);
        RegisterOutputs(new Dictionary<string, object?> { ["value"] = Value });
    }

    // The SDK tells which resource failed, and not which token that is in Cloudflare.
    private static List<AccountTokenPolicyPermissionGroupArgs> Groups(TokenSpec token, IReadOnlyList<(string Id, string Name)> groups)
    {
        try
        {
            return [.. token.Use.Resolve(groups).Select(id => new AccountTokenPolicyPermissionGroupArgs { Id = id })];
        }
        catch (InvalidOperationException missing)
        {
            throw new RunException($"token {token.Name}: {missing.Message}", missing);
        }
    }

    /// <summary>Secret; Cloudflare tells it once, when it is made.</summary>
    public Output<string> Value { get; }
}
