using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Cloudflare;

public sealed class GatewayClientTests
{
    private static readonly Answer TimedOut = new(504, "<html>gateway time-out</html>");

    private static JsonObject Fields => new()
    {
        ["id"] = "gw",
        ["cache_invalidate_on_update"] = false,
        ["cache_ttl"] = 300,
        ["collect_logs"] = true,
        ["rate_limiting_interval"] = 0,
        ["rate_limiting_limit"] = 0,
        ["logpush_public_key"] = null,
        ["spend_limits"] = new JsonObject { ["rules"] = new JsonArray(new JsonObject { ["limitType"] = "cost", ["limit"] = 5, ["window"] = 60 }) },
    };

    /// <summary>The gateway as Cloudflare gives it back: with members and ids of its own, and without those that are null.</summary>
    private static string Made(string change = "", string by = "")
    {
        const string made = """
            {"id":"gw","cache_invalidate_on_update":false,"cache_ttl":300.0,"collect_logs":true,"rate_limiting_interval":0,"rate_limiting_limit":0,"zdr":false,"spend_limits":{"rules":[{"id":"1a2b3c4d","limitType":"cost","limit":5,"window":60}]}}
            """;
        return change.Length == 0 ? made : made.Replace(change, by, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_TimesOutAndTheGatewayIsThere_IsThatGateway()
    {
        await using var stub = await StubCloudflare.StartAsync(TimedOut, Answer.Ok(Made()));
        var made = await stub.Clock.RunAsync(stub.Client().Gateways.CreateAsync(Fields, CancellationToken.None));
        Assert.Equal("gw", made.Id);
        Assert.Equal(["POST", "GET"], stub.Requests.Select(seen => seen.Method));
    }

    [Fact]
    public async Task Create_TimesOutAndTheGatewayComesLater_IsThatGateway()
    {
        await using var stub = await StubCloudflare.StartAsync(TimedOut, Answer.Error(404, 7002, "Not Found"), Answer.Ok(Made()));
        Assert.Equal("gw", (await stub.Clock.RunAsync(stub.Client().Gateways.CreateAsync(Fields, CancellationToken.None))).Id);
    }

    [Theory]
    [InlineData("\"cache_ttl\":300", "\"cache_ttl\":60")]
    [InlineData("\"limit\":5", "\"limit\":6")]
    [InlineData("\"zdr\":false", "\"logpush_public_key\":\"x\"")]
    [InlineData("\"collect_logs\":true,", "")]
    public async Task Create_TimesOutAndAnotherGatewayIsThere_IsReported(string change, string by)
    {
        await using var stub = await StubCloudflare.StartAsync(TimedOut, Answer.Ok(Made(change, by)));
        var failure = await stub.Clock.RunAsync(stub.Client().Gateways.CreateAsync(Fields, CancellationToken.None)).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Server, 504, true), (failure.Kind, failure.Status, failure.IsAmbiguous));
    }

    [Fact]
    public async Task Create_TimesOutAndNothingIsThereOrCanBeRead_IsReportedAndNeverRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method == "POST" ? TimedOut : seen.At.Second % 2 == 0 ? Answer.Error(404, 7002, "Not Found") : TimedOut);
        Assert.Equal(504, (await stub.Clock.RunAsync(stub.Client().Gateways.CreateAsync(Fields, CancellationToken.None)).FailureAsync()).Status);
        Assert.Single(stub.Requests, seen => seen.Method == "POST");
    }

    [Fact]
    public async Task Create_ExistsAlready_IsSaidAndNotLookedUp()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "A gateway with this id already exists"));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, (await stub.Client().Gateways.CreateAsync(Fields, CancellationToken.None).FailureAsync()).Kind);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task List_WithSearch_AsksForIt()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        Assert.Empty(await stub.Client().Gateways.ListAsync("a&b", CancellationToken.None).AllAsync());
        Assert.Equal("GET ai-gateway/gateways?page=1&per_page=100&search=a&b", stub.Asked);
        Assert.EndsWith("search=a%26b", stub.Requests[0].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Url_OfAProvider_IsItsAddress()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("\"https://gateway.ai.cloudflare.com/v1/acc/gw/openai\""));
        Assert.Equal(new Uri("https://gateway.ai.cloudflare.com/v1/acc/gw/openai"), await stub.Client().Gateways.UrlAsync("gw", "openai", CancellationToken.None));
        Assert.Equal("GET ai-gateway/gateways/gw/url/openai", stub.Asked);
    }

    [Fact]
    public async Task Url_ThatIsNone_IsAProtocolFailure()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("\"\""));
        Assert.Equal(CloudflareErrorKind.Protocol, (await stub.Client().Gateways.UrlAsync("gw", "openai", CancellationToken.None).FailureAsync()).Kind);
    }

    [Fact]
    public async Task Credentials_InAGateway_StayOutOfErrorsAndText()
    {
        var fields = new JsonObject
        {
            ["id"] = "gw",
            ["otel"] = new JsonArray(new JsonObject { ["url"] = "https://o", ["headers"] = new JsonObject { ["x-key"] = "canary-1" }, ["authorization"] = "canary-2" }),
            ["stripe"] = new JsonObject { ["authorization"] = "canary-3" },
        };
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method == "GET" ? Answer.Ok(fields.ToJsonString()) : Answer.Error(400, 7001, "bad canary-1, canary-2 and canary-3"));
        var client = stub.Client(held: false);
        var failure = await client.Gateways.UpdateAsync("gw", fields, CancellationToken.None).FailureAsync();
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("(hidden), (hidden) and (hidden)", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", (await client.Gateways.FindAsync("gw", CancellationToken.None))!.ToString(), StringComparison.Ordinal);
    }
}
