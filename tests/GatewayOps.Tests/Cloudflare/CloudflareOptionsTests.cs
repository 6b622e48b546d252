using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Cloudflare;

public sealed class CloudflareOptionsTests
{
    private static CloudflareOptions From(params (string Name, string Value)[] variables) =>
        CloudflareOptions.FromEnvironment(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Fact]
    public void FromEnvironment_WellKnownNames_AreRead()
    {
        var options = From(("CLOUDFLARE_ACCOUNT_ID", "acc"), ("CLOUDFLARE_API_TOKEN", "token"), ("CLOUDFLARE_BASE_URL", "http://127.0.0.1:8788/client/v4"), ("CLOUDFLARE_API_KEY", "ignored"));
        Assert.Equal(("acc", "token", null, new Uri("http://127.0.0.1:8788/client/v4")), (options.AccountId, options.ApiToken, options.ApiKey, options.BaseUrl));
    }

    [Fact]
    public void FromEnvironment_OnlyTheAccountAndToken_IsCloudflareItself() =>
        Assert.Equal(new Uri("https://api.cloudflare.com/client/v4"), From(("CLOUDFLARE_ACCOUNT_ID", "acc"), ("CLOUDFLARE_API_TOKEN", "token"), ("CLOUDFLARE_BASE_URL", "")).BaseUrl);

    [Theory]
    [InlineData("CLOUDFLARE_ACCOUNT_ID", null, "token", null)]
    [InlineData("CLOUDFLARE_API_TOKEN", "acc", null, null)]
    [InlineData("CLOUDFLARE_BASE_URL", "acc", "token", "canary")]
    [InlineData("BaseUrl", "acc", "token", "ftp://canary")]
    [InlineData("BaseUrl", "acc", "token", "https://user:canary@host/")]
    [InlineData("ApiToken", "acc", "canary\r\nX: 1", null)]
    public void FromEnvironment_MissingOrWrong_IsNamedWithoutItsValue(string named, string? account, string? token, string? url)
    {
        var refusal = Assert.Throws<ArgumentException>(() => From(("CLOUDFLARE_ACCOUNT_ID", account!), ("CLOUDFLARE_API_TOKEN", token!), ("CLOUDFLARE_BASE_URL", url!)));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderKey_InThePlaceOfAToken_IsSentAsItsTwoHeaders()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 6103, "Invalid X-Auth-Key canary-key"));
        var client = stub.Client(options => options with { ApiToken = "", ApiEmail = "a@example.com", ApiKey = "canary-key" });
        var failure = await client.Gateways.FindAsync("gw", CancellationToken.None).FailureAsync();
        Assert.Equal((null, "a@example.com", "canary-key"), (stub.Requests[0].Authorization, stub.Requests[0].Headers["X-Auth-Email"], stub.Requests[0].Headers["X-Auth-Key"]));
        Assert.Equal(CloudflareErrorKind.Authentication, failure.Kind);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", new CloudflareOptions { AccountId = "acc", ApiEmail = "a@example.com", ApiKey = "canary" }.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token", "a@example.com", "key")]
    [InlineData("", null, "key")]
    [InlineData("", "a@example.com", "ke y")]
    public void Credentials_OfBothKindsOrHalfOfOne_AreRefused(string token, string? email, string? key) =>
        Assert.Throws<ArgumentException>(() => new CloudflareClient(new HttpClient(), new() { AccountId = "a", ApiToken = token, ApiEmail = email, ApiKey = key }, TimeProvider.System));
}
