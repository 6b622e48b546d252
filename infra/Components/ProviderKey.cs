using GatewayOps.Infra.Spec;
using Pulumi;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Components;

/// <summary><paramref name="Value"/> is a secret.</summary>
public sealed record ProviderKeyArgs(string AccountId, Input<string> StoreId, KeySpec Key, Output<string> Value);

/// <summary>
/// A provider's key in the account's Secrets Store, under the name by which Cloudflare finds it for its gateway. The link between the two (provider_config) is the control plane's,
/// which the provider has no resource for.
/// </summary>
public sealed class ProviderKey : ComponentResource
{
    public const string Type = "gatewayops:cloudflare:ProviderKey";

    public ProviderKey(string name, ProviderKeyArgs args, ComponentResourceOptions? options = null)
        : base(Type, name, options)
    {
        var secret = new Cloudflare.SecretsStoreSecret(name, new Cloudflare.SecretsStoreSecretArgs
        {
            AccountId = args.AccountId,
            StoreId = args.StoreId,
            Name = args.Key.SecretName,
            // In alphabetical order, if there are ever more: another order is a difference for ever.
            Scopes = { "ai_gateway" },
            Value = args.Value,
        }, new CustomResourceOptions { Parent = this, Aliases = [new Alias { NoParent = true }] });

        SecretId = secret.Id;
        RegisterOutputs(new Dictionary<string, object?> { ["secretId"] = SecretId });
    }

    public Output<string> SecretId { get; }
}
