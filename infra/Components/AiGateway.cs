using GatewayOps.Infra.Spec;
using GatewayOps.Rules.Stacks;
using Pulumi;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Components;

/// <summary><paramref name="StoreId"/>: the Secrets Store of its stored keys, or null where it has none.</summary>
public sealed record GatewayArgs(string AccountId, GatewaySpec Gateway, Input<string>? StoreId, bool Protect);

/// <summary>
/// One Cloudflare AI Gateway: it exists, and the fields that Pulumi owns are as specified. Fields of the control plane get their first value here and are ignored ever after.
/// </summary>
public sealed class AiGateway : ComponentResource
{
    public const string Type = "gatewayops:cloudflare:AiGateway";

    public AiGateway(string name, GatewayArgs args, ComponentResourceOptions? options = null)
        : base(Type, name, options)
    {
        var gateway = new Cloudflare.AiGateway(name, GatewayInputs.Of(args), new CustomResourceOptions
        {
            Parent = this,
            Protect = args.Protect,
            IgnoreChanges = [.. IgnoredChanges.Of(args.StoreId is not null)],
            // What Cloudflare answers, too: a state that was read is as secret as one that was declared.
            AdditionalSecretOutputs = [.. HandOverFormat.WithCredentials.Select(IgnoredChanges.PulumiName)],
            // One that was imported by itself, outside of this component, is this one.
            Aliases = [new Alias { NoParent = true }],
        });

        GatewayId = gateway.AiGatewayId;
        RegisterOutputs(new Dictionary<string, object?> { ["gatewayId"] = GatewayId });
    }

    /// <summary>Known once the gateway is there.</summary>
    public Output<string> GatewayId { get; }
}
