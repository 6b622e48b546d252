using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

/// <summary>The client on an emulator's account. Requests and answers are held to the OpenAPI document; a call that it does not allow, made on purpose, says `held: false`.</summary>
internal static class EmulatedAccount
{
    private static readonly HttpClient Http = new(new ContractHandler(Held.Both));
    private static readonly HttpClient Free = new(new ContractHandler(Held.Answers));

    public static CloudflareClient Client(this TestEmulator emulator, Func<CloudflareOptions, CloudflareOptions>? change = null, bool held = true)
    {
        var options = new CloudflareOptions { AccountId = emulator.Options.AccountId, ApiToken = emulator.Options.ApiToken, BaseUrl = emulator.ApiUrl };
        return new CloudflareClient(held ? Http : Free, change?.Invoke(options) ?? options, TimeProvider.System);
    }

    public static JsonObject NewGateway(string id) => new()
    {
        ["id"] = id,
        ["cache_invalidate_on_update"] = false,
        ["cache_ttl"] = 300,
        ["collect_logs"] = true,
        ["rate_limiting_interval"] = 0,
        ["rate_limiting_limit"] = 0,
    };

    public static async Task<CloudflareErrorKind> KindAsync(this Task call) => (await call.FailureAsync()).Kind;
}
