using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>Operator tokens as an admin makes them, and whether one opens anything.</summary>
internal static class OperatorTokenSteps
{
    public static async Task<(string Id, string Token)> IssueTokenAsync(this TestService service, string name, string scope, long? expiresIn = null)
    {
        using var answer = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name, scope, expiresIn }));
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return Of(await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public static (string Id, string Token) Of(JsonElement answer) => (answer.GetProperty("id").GetString()!, answer.GetProperty("token").GetString()!);

    public static async Task<int> TokenStatusAsync(this TestService service, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/tokens") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await service.Anonymous.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
