using System.Net;
using System.Net.Http.Headers;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>Who may use `/accounts/{id}/ai/…` (contract section 11), on an endpoint that only answers.</summary>
public sealed class RestSurfaceTests
{
    [Theory]
    [InlineData(false, true, false, HttpStatusCode.OK)]
    [InlineData(false, false, true, HttpStatusCode.Unauthorized)]
    [InlineData(true, true, false, HttpStatusCode.Unauthorized)]
    [InlineData(true, true, true, HttpStatusCode.OK)]
    public async Task Endpoint_RequiresRestSurface_AsksForWhatIsAssumed(bool needsRun, bool hasWorkersAi, bool hasRun, HttpStatusCode expected)
    {
        var options = new EmulatorOptions { Url = "http://127.0.0.1:0", Assumptions = new Assumptions { RestSurfaceNeedsAiGatewayRun = needsRun } };
        await using var app = EmulatorHost.Build(options);
        app.MapGroup("/client/v4").MapAccountGroup().MapPost("/ai/probe", () => Results.Text("{}", "application/json")).RequiresRestSurface();
        await app.StartAsync();
        Permission[] held = [.. hasWorkersAi ? [Permission.WorkersAiRead] : Array.Empty<Permission>(), .. hasRun ? [Permission.AiGatewayRun] : Array.Empty<Permission>()];
        var policy = new TokenPolicy("p", PolicyEffect.Allow, held, System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["com.cloudflare.api.account.dev-account"] = "*" }));
        var (_, value) = app.Services.GetRequiredService<EmulatorState>().Tokens
            .Add(TokenOwner.Account, new TokenTerms("probe", [policy], Condition: null, ExpiresOn: null, NotBefore: null))!.Value;
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", value);

        var answer = await http.CallAsync(HttpMethod.Post, "/client/v4/accounts/dev-account/ai/probe");

        Assert.Equal(expected, answer.Status);
        if (expected != HttpStatusCode.OK)
            Assert.Equal(["10000 Authentication error"], answer.Errors);
    }
}
