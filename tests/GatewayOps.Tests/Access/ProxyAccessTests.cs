using System.Net;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

public sealed class ProxyAccessTests(ServiceFixture shared, StageFixture staged) : IClassFixture<ServiceFixture>, IClassFixture<StageFixture>
{
    [Theory, Trait("checklist", "S2-11"), Trait("checklist", "S2-14")]
    [InlineData("Authorization", "Bearer " + TestService.ProxyToken)]
    [InlineData("X-AUTH-TOKEN", TestService.ProxyToken)]
    [InlineData("x-api-key", TestService.ProxyToken)]
    public async Task Token_InEachPlace_OpensAndIsNotPassedOn(string header, string value)
    {
        var stage = staged.Stage;

        var answer = await stage.PostAsync(ProxyStage.Chat(), stage.Service.Anonymous, headers: (header, value));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.DoesNotContain(TestService.ProxyToken, (await stage.LastCallAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S2-12")]
    public async Task Token_InTheQuery_OpensAndIsNowhere()
    {
        await using var stage = await ProxyStage.StartAsync();

        var answer = await stage.PostAsync(ProxyStage.Chat(), stage.Service.Anonymous, $"/v1/chat/completions?auth_token={TestService.ProxyToken}");
        await stage.PostAsync("{", stage.Service.Anonymous, $"/v1/chat/completions?auth_token={TestService.ProxyToken}");

        Assert.True(answer.Status == 200, answer.Text);
        var everything = string.Join('\n', await stage.RecordsAsync(2)) + stage.Service.Log + (await stage.LastCallAsync()).GetRawText() + answer.Text;
        Assert.DoesNotContain(TestService.ProxyToken, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(ProxyStage.StoredKey, stage.Service.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(stage.Emulator.Options.ApiToken, string.Join('\n', await stage.RecordsAsync(2)), StringComparison.Ordinal);
    }

    /// <summary>An empty token in a file of settings or on the command line, where no environment drops it: whoever sends nothing would know it.</summary>
    [Fact]
    public async Task Token_Empty_IsNone()
    {
        static void Empty(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder) => builder.Configuration["GatewayOps:Proxy:AuthToken"] = "";
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database, adapt: Empty);

        Assert.Contains("AUTH_TOKEN is not configured", service.Log.ToString(), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(database, settings: new Dictionary<string, string> { ["urls"] = "http://0.0.0.0:0" }, adapt: Empty));
        Assert.Contains("No AUTH_TOKEN is configured", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory, Trait("checklist", "S0-16"), Trait("checklist", "S2-11"), Trait("checklist", "S2-15")]
    [InlineData(null, null)]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Basic " + TestService.ProxyToken)]
    [InlineData("X-AUTH-TOKEN", TestService.ProxyToken + "x")]
    [InlineData("Authorization", "Bearer " + TestService.OperatorToken)]
    public async Task Token_MissingOrWrong_Is401InOpenAiShape(string? header, string? value)
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        if (header is not null)
        {
            request.Headers.Add(header, value);
        }

        var answer = (await Answer.OfAsync(service.Anonymous, request)).IsError(401, "unauthorized");

        Assert.Equal("authentication_error", answer.Error.GetProperty("type").GetString());
        Assert.NotNull(answer["x-request-id"]);
        Assert.Equal("*", answer["access-control-allow-origin"]);
        if (value is { Length: > 15 })
        {
            Assert.DoesNotContain(value, answer.Text + service.Log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WrongOwnToken_BesideARightOne_IsRefused()
    {
        var service = shared.Service;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("X-AUTH-TOKEN", "wrong-one");

        (await Answer.OfAsync(service.Caller, request)).IsError(401, "unauthorized");
    }

    [Fact, Trait("checklist", "S2-13")]
    public async Task NoTokenConfigured_IsOpenOnLoopbackWithAWarning()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AuthToken"] = "" });

        using var answer = await service.Anonymous.GetAsync("/v1/models");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(service.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("AUTH_TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoTokenConfigured_ForeignHostName_IsRefused()
    {
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AuthToken"] = "" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = "rebound.example";

        (await Answer.OfAsync(service.Anonymous, request)).IsError(401, "unauthorized");
    }

    [Fact]
    public async Task NoTokenConfigured_BoundElsewhere_RefusesToStart()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(
            settings: new Dictionary<string, string> { ["GatewayOps:Proxy:AuthToken"] = "", ["urls"] = "http://0.0.0.0:0" }));

        Assert.Contains("AUTH_TOKEN", StartFailure.Explain(refusal), StringComparison.Ordinal);
    }
}
