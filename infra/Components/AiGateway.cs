using GatewayOps.Infra.Spec;
using Pulumi;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Components;

/// <summary>
/// One Cloudflare AI Gateway: it exists, and the fields that Pulumi owns are as specified. Fields of the control plane get their first value here and are ignored ever after.
/// </summary>
public sealed class AiGateway : ComponentResource
{
    public AiGateway(string name, StackSpec spec, ComponentResourceOptions? options = null)
        : base("gatewayops:cloudflare:AiGateway", name, options)
    {
        var gateway = new Cloudflare.AiGateway(
            name,
            new Cloudflare.AiGatewayArgs
            {
                AccountId = spec.AccountId,
                AiGatewayId = spec.GatewayId,
                Authentication = spec.Authentication,
                ByokOnly = spec.ByokOnly,
                WorkersAiBillingMode = spec.WorkersAiBillingMode,

                // Left unset, these differ from Cloudflare's answer for ever (contract, section 17).
                LogManagement = spec.LogManagement,
                LogManagementStrategy = spec.LogManagementStrategy,
                Logpush = false,
                Zdr = spec.Zdr,

                CacheTtl = spec.First.CacheTtl,
                CacheInvalidateOnUpdate = spec.First.CacheInvalidateOnUpdate,
                CollectLogs = spec.First.CollectLogs,
                RateLimitingLimit = spec.First.RateLimitingLimit,
                RateLimitingInterval = spec.First.RateLimitingInterval,
            },
            new CustomResourceOptions
            {
                Parent = this,
                Protect = spec.Protect,
                IgnoreChanges = [.. IgnoredChanges.Properties],
            });

        GatewayId = gateway.AiGatewayId;
        AccountId = gateway.AccountId;
        RegisterOutputs(new Dictionary<string, object?> { ["gatewayId"] = GatewayId, ["accountId"] = AccountId });
    }

    public Output<string> GatewayId { get; }

    public Output<string> AccountId { get; }
}
