using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Access;

public sealed class OperatorAccessTests
{
    private static readonly Dictionary<string, string> NoTokens = new()
    {
        ["GatewayOps:Operator:Token"] = "",
        ["GatewayOps:Operator:Tokens:0:Name"] = "",
        ["GatewayOps:Operator:Tokens:0:Token"] = "",
        ["GatewayOps:Operator:Tokens:0:Scope"] = "",
        ["GatewayOps:Operator:Tokens:1:Name"] = "",
        ["GatewayOps:Operator:Tokens:1:Token"] = "",
        ["GatewayOps:Operator:Tokens:1:Scope"] = "",
    };

    // They change nothing, and are POST because what they ask needs a body.
    private static readonly string[] Questions = ["POST /api/v1/content/1/plan", "POST /api/v1/content/1/replay", "POST /api/v1/content/lint", "POST /api/v1/import", "POST /api/v1/stack/import"];

    [Fact]
    public async Task WrongToken_Is401WithAChallengeAndNoHint()
    {
        await using var service = await TestService.StartAsync();

        using var missing = await service.Anonymous.GetAsync("/api/v1/content");
        using var wrong = await service.NewClient("not-a-token").GetAsync("/api/v1/content");

        Assert.Equal("realm=\"gatewayops\"", missing.Headers.WwwAuthenticate.Single().Parameter);
        Assert.Contains("invalid_token", wrong.Headers.WwwAuthenticate.Single().Parameter);
        Assert.Equal("application/problem+json", wrong.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("not-a-token", await wrong.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task MissingScope_Is403NamingTheScope()
    {
        await using var service = await TestService.StartAsync();
        using var content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));

        using var answer = await service.NewClient(TestService.ReadToken).PostAsync("/api/v1/content?name=x", content);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("insufficient_scope", answer.Headers.WwwAuthenticate.Single().Parameter);
        Assert.Contains("scope=\"apply\"", answer.Headers.WwwAuthenticate.Single().Parameter);
    }

    [Fact]
    public async Task HashedToken_OpensWithTheTokenNotWithTheHash()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("a-token-that-is-hashed"u8));
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>
        {
            ["GatewayOps:Operator:Tokens:0:Token"] = "",
            ["GatewayOps:Operator:Tokens:0:Hash"] = hash,
        });

        Assert.Equal(200, await StatusAsync(service.NewClient("a-token-that-is-hashed"), "GET", "/api/v1/content"));
        Assert.Equal(401, await StatusAsync(service.NewClient(hash), "GET", "/api/v1/content"));
    }

    [Fact]
    public async Task TokensThatShareAPrefix_AreDifferent()
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(401, await StatusAsync(service.NewClient(TestService.OperatorToken + "x"), "GET", "/api/v1/content"));
        Assert.Equal(401, await StatusAsync(service.NewClient(TestService.OperatorToken[..^1]), "GET", "/api/v1/content"));
    }

    [Fact]
    public async Task NoTokens_OnLoopback_IsOpenToThisMachineByALoopbackNameOnly()
    {
        await using var service = await TestService.StartAsync(settings: NoTokens);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/api/v1/content") { Headers = { Host = "attacker.example" } };
        using var crossSite = new HttpRequestMessage(HttpMethod.Get, "/api/v1/content");
        crossSite.Headers.Add("Sec-Fetch-Site", "cross-site");

        Assert.Equal(200, await StatusAsync(service.Anonymous, "GET", "/api/v1/content"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Anonymous.SendAsync(rebound)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Anonymous.SendAsync(crossSite)).StatusCode);
        Assert.Contains(service.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("[4001]"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    public async Task NoTokens_BeyondThisMachine_RefusesToStart(string urls)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            TestService.StartAsync(settings: new Dictionary<string, string>(NoTokens) { ["urls"] = urls }));

        Assert.Contains("GATEWAYOPS_OPERATOR_TOKEN", StartFailure.Explain(failure));
    }

    [Theory]
    [InlineData("GatewayOps:Operator:Token", "short")]
    [InlineData("GatewayOps:Operator:Tokens:0:Name", "applier")]
    [InlineData("GatewayOps:Operator:Tokens:0:Hash", "abc")]
    [InlineData("GatewayOps:Operator:Tokens:0:Scope", "Root")]
    [InlineData("GatewayOps:Operator:Tokens:0:Tokn", "misspelt-member")]
    public async Task WrongTokenSetting_RefusesToStartNamingIt(string setting, string value)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(settings: new Dictionary<string, string> { [setting] = value }));

        var line = StartFailure.Explain(failure);
        Assert.Contains(setting.EndsWith("Tokn", StringComparison.Ordinal) ? "'Tokn'" : "GatewayOps:Operator:Token", line);
        Assert.DoesNotContain(TestService.ReadToken, line);
    }

    [Fact]
    public async Task Failures_AreCountedByReason()
    {
        await using var service = await TestService.StartAsync();
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "gatewayops_auth_failures" && instrument.Meter.Scope == service.Services.GetRequiredService<IMeterFactory>())
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            lock (counted)
            {
                var reason = (string)tags[0].Value!;
                counted[reason] = counted.GetValueOrDefault(reason) + value;
            }
        });
        listener.Start();

        await StatusAsync(service.Anonymous, "GET", "/api/v1/content");
        await StatusAsync(service.NewClient("wrong-token"), "GET", "/api/v1/content");
        await StatusAsync(service.NewClient(TestService.ReadToken), "DELETE", "/api/v1/content/x");

        Assert.Equal(new() { ["missing"] = 1, ["invalid"] = 1, ["scope"] = 1 }, counted);
    }

    private static async Task<int> StatusAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is not ("GET" or "DELETE"))
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
