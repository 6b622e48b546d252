namespace GatewayOps.Infra.Spec;

/// <summary>The specification, or every error in the configuration.</summary>
public sealed record StackSpecReading(StackSpec? Spec, IReadOnlyList<SpecError> Errors);

/// <summary>Reads the stack's configuration: flat keys, values as the text that Pulumi stores.</summary>
public static class StackSpecReader
{
    /// <summary>Takes the keys of the project's namespace without the prefix. Never throws for what they hold.</summary>
    public static StackSpecReading Read(IReadOnlyDictionary<string, string> config)
    {
        var keys = new ConfigKeys(config);
        var defaults = new StackSpec { AccountId = "" };
        var spec = new StackSpec
        {
            AccountId = keys.RequiredText("accountId", "your Cloudflare account id, 32 lower-case hex digits"),
            GatewayId = keys.Text("gatewayId", defaults.GatewayId),
            GatewayBaseUrl = keys.Text("gatewayBaseUrl", defaults.GatewayBaseUrl),
            Protect = keys.Flag("protect", defaults.Protect),
            Authentication = keys.Flag("authentication", defaults.Authentication),
            ByokOnly = keys.Flag("byokOnly", defaults.ByokOnly),
            Zdr = keys.Flag("zdr", defaults.Zdr),
            WorkersAiBillingMode = keys.Text("workersAiBillingMode", defaults.WorkersAiBillingMode),
            LogManagement = keys.Integer("logManagement", defaults.LogManagement),
            LogManagementStrategy = keys.Text("logManagementStrategy", defaults.LogManagementStrategy),
            First = new FirstSettings
            {
                CacheTtl = keys.Integer("cacheTtl", defaults.First.CacheTtl),
                CacheInvalidateOnUpdate = keys.Flag("cacheInvalidateOnUpdate", defaults.First.CacheInvalidateOnUpdate),
                CollectLogs = keys.Flag("collectLogs", defaults.First.CollectLogs),
                RateLimitingLimit = keys.Integer("rateLimitingLimit", defaults.First.RateLimitingLimit),
                RateLimitingInterval = keys.Integer("rateLimitingInterval", defaults.First.RateLimitingInterval),
            },
        };

        // A key that could not be read stands at its default here, so it is not reported twice.
        var errors = keys.Errors.Concat(StackSpecValidator.Validate(spec).Where(error => !keys.IsFaulty(error.Path))).Concat(keys.Unknown()).ToList();
        return new StackSpecReading(errors.Count == 0 ? spec : null, errors);
    }
}
