using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

/// <summary>Virtual keys as operators make them.</summary>
internal static class VirtualKeySteps
{
    /// <param name="key">The terms; null is a key without limits.</param>
    public static async Task<(string Id, string Token)> IssueKeyAsync(this TestService service, string name = "team-a", object? key = null, long? expiresIn = null)
    {
        using var answer = await service.Operator.PostAsJsonAsync("/api/v1/tokens", new { name, key = key ?? new { }, expiresIn });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        var made = JsonSerializer.Deserialize<JsonElement>(text);
        return (made.GetProperty("id").GetString()!, made.GetProperty("token").GetString()!);
    }

    /// <summary>A client of the proxy with a key that is issued for it.</summary>
    public static async Task<HttpClient> KeyClientAsync(this TestService service, object? key = null, string name = "team-a") =>
        service.NewClient((await service.IssueKeyAsync(name, key)).Token);

    public static async Task<int> ModelsStatusAsync(this TestService service, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "x-api-key", token } } };
        using var answer = await service.Anonymous.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
