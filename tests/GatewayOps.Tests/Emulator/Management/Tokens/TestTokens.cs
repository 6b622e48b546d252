using System.Net.Http.Headers;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Tokens;

/// <summary>Tokens of an emulator, made by its API.</summary>
internal static class TestTokens
{
    public const string Account = "com.cloudflare.api.account.dev-account";

    public static object Policy(string effect, string resource, params Permission[] permissions) => Policy(effect, new Dictionary<string, object> { [resource] = "*" }, permissions);

    public static object Policy(string effect, object resources, params Permission[] permissions) =>
        new { effect, permission_groups = permissions.Select(permission => new { id = permission.Id }), resources };

    /// <summary>The create's answer: a token with its value.</summary>
    public static async Task<ManagementAnswer> CreateAsync(TestEmulator emulator, object body, string path = "tokens") =>
        await emulator.Management.PostAnswerAsync(path, body);

    /// <summary>A client at the account with a new account-owned token that has these policies.</summary>
    public static async Task<HttpClient> ClientAsync(TestEmulator emulator, params object[] policies)
    {
        var created = await CreateAsync(emulator, new { name = "t", policies });
        Assert.True(created.Response.IsSuccessStatusCode, created.Body.ToString());
        return ClientOf(emulator, created.Result.GetProperty("value").GetString()!);
    }

    public static Task<HttpClient> ClientAsync(TestEmulator emulator, params Permission[] permissions) => ClientAsync(emulator, Policy("allow", Account, permissions));

    public static HttpClient ClientOf(TestEmulator emulator, string value)
    {
        var client = emulator.NewClient("/client/v4/accounts/dev-account/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", value);
        return client;
    }
}
