using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Cloudflare;

public sealed class CustomProviderClientTests
{
    private const string Sdk = """{"id":"6f1d","name":"Own","slug":"own","base_url":"https://own.example","enable":true,"beta":0,"created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-02T00:00:00Z","headers":"{\"x-key\":\"canary\"}","unknown":1.50}""";
    private const string Docs = """{"id":"6f1d","account_id":"acc","account_tag":"acc","name":"Own","slug":"own","base_url":"https://own.example","enable":1,"created_at":1767225600,"modified_at":1767312000}""";

    [Theory]
    [InlineData(Sdk)]
    [InlineData(Docs)]
    public async Task Find_TimesAsTextOrAsNumbers_AreTheSame(string wire)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(wire));
        var provider = await stub.Client().CustomProviders.FindAsync("6f1d", CancellationToken.None);
        Assert.Equal((true, false, "https://own.example"), (provider!.Enabled, provider.Beta, provider.BaseUrl));
        Assert.Equal((new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), (provider.CreatedAt, provider.ModifiedAt));
        Assert.DoesNotContain("canary", provider.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Headers_AreAnObjectInsideAString()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "canary is no header"));
        var provider = new NewCustomProvider("Own", "own", new("https://own.example/")) { Enabled = true, Description = "d", Position = 3, Headers = new Dictionary<string, string> { ["x-key"] = "canary" } };
        var failure = await stub.Client().CustomProviders.CreateAsync(provider, CancellationToken.None).FailureAsync();
        Assert.Equal("{\"name\":\"Own\",\"slug\":\"own\",\"base_url\":\"https://own.example\",\"enable\":true,\"beta\":false,\"description\":\"d\",\"position\":3,\"headers\":\"{\\\"x-key\\\":\\\"canary\\\"}\"}",
            stub.Requests.Single().Body.Replace("\\u0022", "\\\"", StringComparison.Ordinal));
        Assert.DoesNotContain("canary", failure + provider.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_FieldsThatWereRead_GoBackWithoutWhatCloudflareSets()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method == "GET" ? Answer.Ok(Sdk) : Answer.Error(400, 7001, "bad canary"));
        var providers = stub.Client(held: false).CustomProviders;
        var provider = await providers.FindAsync("6f1d", CancellationToken.None);
        provider!.Fields["enable"] = false;
        var failure = await providers.UpdateAsync(provider.Id, provider.Fields, CancellationToken.None).FailureAsync();
        Assert.Equal("""PATCH ai-gateway/custom-providers/6f1d {"name":"Own","slug":"own","base_url":"https://own.example","enable":false,"beta":0,"headers":"{\"x-key\":\"canary\"}","unknown":1.50}""", stub.Requests[1].ToString());
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_Changes_AreSentAlone()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Sdk));
        await stub.Client().CustomProviders.UpdateAsync("6f1d", new JsonObject { ["enable"] = true }, CancellationToken.None);
        Assert.Equal("""PATCH ai-gateway/custom-providers/6f1d {"enable":true}""", stub.Asked);
    }

    [Fact]
    public async Task List_Query_GoesToTheEnd()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok($"[{Sdk}]"), Answer.Ok("[]"));
        Assert.Single(await stub.Client().CustomProviders.ListAsync(new(Enabled: true, Beta: false, Search: "own", OrderBy: "name DESC"), CancellationToken.None).AllAsync());
        Assert.Equal("GET ai-gateway/custom-providers?page=2&per_page=100&beta=false&enable=true&search=own&order_by=name DESC", stub.Requests[1].ToString());
    }

    [Fact]
    public async Task Delete_AnswersTheObjectThatWas()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Docs), Answer.Error(404, 7002, "Not Found"));
        Assert.True(await stub.Client().CustomProviders.DeleteAsync("6f1d", CancellationToken.None));
        Assert.False(await stub.Client().CustomProviders.DeleteAsync("6f1d", CancellationToken.None));
    }
}
