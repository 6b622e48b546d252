using GatewayOps.Infra.Spec;

namespace GatewayOps.Tests.Infra;

public class IgnoredChangesTests
{
    [Fact]
    public void Properties_AreTheControlPlanesFieldsByPulumisNames() =>
        Assert.Equal(
            ["cacheInvalidateOnUpdate", "cacheTtl", "collectLogs", "rateLimitingInterval", "rateLimitingLimit", "rateLimitingTechnique", "retryBackoff", "retryDelay", "retryMaxAttempts"],
            IgnoredChanges.Properties);

    // `keys put` links the store of a gateway that the stack gives none.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_GatewayWithoutStore_LeavesItsStoreAlone(bool hasStore, bool isIgnored) => Assert.Equal(isIgnored, IgnoredChanges.Of(hasStore).Contains("storeId"));

    [Theory]
    [InlineData("zdr", "zdr")]
    [InlineData("workers_ai_billing_mode", "workersAiBillingMode")]
    [InlineData("otel", "otels")]
    public void PulumiName_CloudflareField_IsCamelCase(string field, string expected) => Assert.Equal(expected, IgnoredChanges.PulumiName(field));
}
