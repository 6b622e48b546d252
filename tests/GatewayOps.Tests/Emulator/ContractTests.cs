using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator;

/// <summary>Answers of the emulator against our copy of Cloudflare's OpenAPI document.</summary>
public sealed class ContractTests
{
    [Fact]
    public async Task Answers_OfAllKinds_FitTheDocument()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var api = emulator.Management;
        async Task Fits(string operation, HttpMethod method, string path, object? body = null)
        {
            var answer = await api.CallAsync(method, path, body);
            Assert.True(answer.Response.IsSuccessStatusCode, $"{operation}: {answer.Body}");
        }

        await Fits("createStore", HttpMethod.Post, "secrets_store/stores", new { name = "main" });
        var store = emulator.Account.Store!.Id;
        await Fits("createGateway", HttpMethod.Post, "ai-gateway/gateways", GatewayBody("prod", ("store_id", store), ("cache_ttl", null), ("dlp", new { enabled = true, action = "FLAG", profiles = new[] { "p" } })));
        await Fits("listGateways", HttpMethod.Get, "ai-gateway/gateways");
        await Fits("getGateway", HttpMethod.Get, "ai-gateway/gateways/prod");
        await Fits("getGatewayUrl", HttpMethod.Get, "ai-gateway/gateways/prod/url/openai");
        await Fits("updateGateway", HttpMethod.Put, "ai-gateway/gateways/prod", GatewayBody(null, ("store_id", store)));

        await Fits("createSecrets", HttpMethod.Post, $"secrets_store/stores/{store}/secrets", new[] { new { name = "prod_openai_default", value = "sk-1", scopes = new[] { "ai_gateway" } } });
        var secret = emulator.Account.Store!.Secrets[0].Id;
        await Fits("listStores", HttpMethod.Get, "secrets_store/stores");
        await Fits("getStore", HttpMethod.Get, $"secrets_store/stores/{store}");
        await Fits("getSecretsQuota", HttpMethod.Get, "secrets_store/quota");
        await Fits("listSecrets", HttpMethod.Get, $"secrets_store/stores/{store}/secrets");
        await Fits("getSecret", HttpMethod.Get, $"secrets_store/stores/{store}/secrets/{secret}");
        await Fits("editSecret", HttpMethod.Patch, $"secrets_store/stores/{store}/secrets/{secret}", new { comment = "rotated" });
        await Fits("duplicateSecret", HttpMethod.Post, $"secrets_store/stores/{store}/secrets/{secret}/duplicate", new { name = "copy", scopes = new[] { "workers" } });

        await Fits("createProviderConfig", HttpMethod.Post, "ai-gateway/gateways/prod/provider_configs",
            new { provider_slug = "openai", alias = "default", default_config = true, secret_id = secret, rate_limit = 5 });
        await Fits("listProviderConfigs", HttpMethod.Get, "ai-gateway/gateways/prod/provider_configs");

        var gateway = emulator.Account.FindGateway("prod")!;
        var row = SampleLog.Row(gateway.Logs.NewId(), 1) with { TokensOut = null };
        gateway.AddLog(row);
        await Fits("listLogs", HttpMethod.Get, "ai-gateway/gateways/prod/logs?meta_info=true");
        await Fits("getLog", HttpMethod.Get, $"ai-gateway/gateways/prod/logs/{row.Id}");
        await Fits("patchLog", HttpMethod.Patch, $"ai-gateway/gateways/prod/logs/{row.Id}", new { score = 1 });
        await Fits("deleteLogs", HttpMethod.Delete, "ai-gateway/gateways/prod/logs");
        await Fits("verifyAccountToken", HttpMethod.Get, "tokens/verify");
        await Fits("verifyUserToken", HttpMethod.Get, "/client/v4/user/tokens/verify");
        await Fits("deleteProviderConfig", HttpMethod.Delete, $"ai-gateway/gateways/prod/provider_configs/{gateway.ProviderConfigs[0].Id}");
        await Fits("deleteSecret", HttpMethod.Delete, $"secrets_store/stores/{store}/secrets/{secret}");
        await Fits("bulkDeleteSecrets", HttpMethod.Delete, $"secrets_store/stores/{store}/secrets");
        await Fits("deleteStore", HttpMethod.Delete, $"secrets_store/stores/{store}");
        await Fits("deleteGateway", HttpMethod.Delete, "ai-gateway/gateways/prod");
    }
}
