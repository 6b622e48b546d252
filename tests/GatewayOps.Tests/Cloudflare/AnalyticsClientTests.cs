using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Analytics;

namespace GatewayOps.Tests.Cloudflare;

public sealed class AnalyticsClientTests
{
    private static readonly AnalyticsQuery Hour = new(new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero), new(2026, 11, 21, 13, 0, 0, TimeSpan.FromHours(2)));

    [Fact]
    public async Task Groups_Query_IsOneDocumentAndItsValuesAreVariables()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200,
            """{"data":{"viewer":{"accounts":[{"aiGatewayRequestsAdaptiveGroups":[{"count":7,"sum":{"cost":0.25,"erroredRequests":1},"quantiles":{"durationMsP50":812.5},"dimensions":{"model":"gpt-4o","cached":0}}]}]}},"errors":null}"""));
        var rows = await stub.Client().Analytics.GroupsAsync(
            Hour with
            {
                Dimensions = ["model", "cached"],
                Sums = ["cost", "erroredRequests"],
                Quantiles = ["durationMsP50"],
                Gateway = "g\"w",
                Provider = "openai",
                Filter = new JsonObject { ["statusCode_geq"] = 500 },
                OrderBy = ["datetimeMinute_ASC"],
                Limit = 10,
            }, CancellationToken.None);

        var row = Assert.Single(rows);
        Assert.Equal((7L, 0.25m, 812.5m, "gpt-4o", "0"), (row.Count, row.Sums["cost"], row.Quantiles["durationMsP50"], row.Dimensions["model"], row.Dimensions["cached"]));
        var body = JsonSerializer.Deserialize<JsonElement>(stub.Requests.Single().Body);
        Assert.Equal("/client/v4/graphql", stub.Requests.Single().Target);
        Assert.Equal(
            "query($acct:String!,$filter:AccountAiGatewayRequestsAdaptiveGroupsFilter_InputObject!,$limit:Int!){viewer{accounts(filter:{accountTag:$acct}){"
            + "aiGatewayRequestsAdaptiveGroups(limit:$limit,filter:$filter,orderBy:[datetimeMinute_ASC]){count sum{cost erroredRequests} quantiles{durationMsP50} dimensions{model cached}}}}}",
            body.GetProperty("query").GetString());
        Assert.Equal("""{"acct":"acc","filter":{"statusCode_geq":500,"datetime_geq":"2026-11-21T10:00:00Z","datetime_lt":"2026-11-21T11:00:00Z","gateway":"g\"w","provider":"openai"},"limit":10}""", body.GetProperty("variables").GetRawText());
    }

    [Theory]
    [InlineData("model}}} mutation{x")]
    [InlineData("")]
    [InlineData("a b")]
    public async Task Groups_NameThatIsNone_IsRefusedUnsent(string name)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("null"));
        await Assert.ThrowsAsync<ArgumentException>(() => stub.Client().Analytics.GroupsAsync(Hour with { Dimensions = [name] }, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => stub.Client().Analytics.SettingsAsync(name, CancellationToken.None));
        Assert.Empty(stub.Requests);
    }

    [Theory]
    [InlineData(200, "not authorized for that account", "authz", CloudflareErrorKind.Permission, false)]
    [InlineData(200, "rate limiter budget depleted, try again after 5 minutes", "budget", CloudflareErrorKind.RateLimited, true)]
    [InlineData(200, "cannot request data older than 5356800s", "query", CloudflareErrorKind.Validation, false)]
    [InlineData(400, "syntax error", "parse", CloudflareErrorKind.Validation, false)]
    [InlineData(401, "no", "auth", CloudflareErrorKind.Authentication, false)]
    [InlineData(403, "no", "authz", CloudflareErrorKind.Permission, false)]
    [InlineData(503, "later", "server", CloudflareErrorKind.Server, true)]
    public async Task Failure_WhateverItsStatus_IsOne(int status, string message, string code, CloudflareErrorKind kind, bool transient)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(status,
            $$"""{"data":null,"errors":[{"message":"{{message}}","path":["viewer","accounts","0"],"extensions":{"timestamp":"2026-11-21T10:00:00Z","code":"{{code}}","ray_id":"x"} }]}"""));
        var failure = await stub.Clock.RunAsync(stub.Client(options => options with { MaxRetries = 0 }).Analytics.QueryAsync("{x}", [], CancellationToken.None)).FailureAsync();
        Assert.Equal((kind, transient, false), (failure.Kind, failure.IsTransient, failure.IsAmbiguous));
        Assert.Equal(new CloudflareError(null, message, "viewer.accounts.0", code), failure.Errors.Single());
    }

    [Theory]
    [InlineData("""{"data":{"viewer":{"accounts":[]}},"errors":null}""")]
    [InlineData("""{"data":null,"errors":null}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("<html>")]
    public async Task Answer_WithoutAnAccount_IsNoEmptyList(string body)
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, body));
        Assert.Equal(CloudflareErrorKind.Protocol, (await stub.Client().Analytics.GroupsAsync(Hour, CancellationToken.None).FailureAsync()).Kind);
    }

    [Fact]
    public async Task Settings_OfADataset_AreItsLimits()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200,
            """{"data":{"viewer":{"accounts":[{"settings":{"aiGatewayRequestsAdaptiveGroups":{"enabled":true,"notOlderThan":5356800,"maxDuration":2764800,"maxPageSize":10000,"maxNumberOfFields":30,"availableFields":["count","sum.cost"]}}}]}},"errors":null}"""));
        var settings = await stub.Client().Analytics.SettingsAsync(AnalyticsDatasets.Requests, CancellationToken.None);
        Assert.Equal((true, TimeSpan.FromDays(62), TimeSpan.FromDays(32), 10000L, 30L), (settings.Enabled, settings.NotOlderThan, settings.MaxDuration, settings.MaxPageSize, settings.MaxNumberOfFields));
        Assert.Equal(["count", "sum.cost"], settings.AvailableFields);
        Assert.Contains("settings{aiGatewayRequestsAdaptiveGroups{enabled notOlderThan", stub.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Budget_OfGraphQl_HoldsNothingElse()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Target.EndsWith("graphql", StringComparison.Ordinal)
            ? Answer.Throttled(("Retry-After", "300"))
            : Answer.Ok("""{"id":"gw"}"""));
        var client = stub.Client(options => options with { MaxRetries = 0 });
        Assert.Equal(CloudflareErrorKind.RateLimited, (await client.Analytics.QueryAsync("{x}", [], CancellationToken.None).FailureAsync()).Kind);
        Assert.NotNull(await client.Gateways.FindAsync("gw", CancellationToken.None));
        Assert.Equal(stub.Requests[0].At, stub.Requests[1].At);
    }

    [Fact]
    public async Task Query_AnswerLost_IsRepeatedThoughItIsAPost()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped, new Answer(200, """{"data":{"x":1},"errors":null}"""));
        Assert.Equal(1, (await stub.Clock.RunAsync(stub.Client().Analytics.QueryAsync("{x}", [], CancellationToken.None))).GetProperty("x").GetInt32());
    }
}
