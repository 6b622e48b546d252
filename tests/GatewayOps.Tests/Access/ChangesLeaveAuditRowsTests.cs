using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Access;

/// <summary>Every write of the operator API leaves its audit row, under the request's id, and exactly that; what writes nothing leaves none.</summary>
public sealed class ChangesLeaveAuditRowsTests
{
    private sealed record Step(string Route, string Path, object? Body, string[] Actions, bool IfMatch = false);

    /// <summary>In an order in which each succeeds. `{token}` is the id of the token that the step before made.</summary>
    private static readonly Step[] Steps =
    [
        new("POST /content", "content?name=rules", new { settings = new { cache_ttl = 300 } }, ["content.add"]),
        new("POST /content/validate", "content/validate", new { settings = new { cache_ttl = 300 } }, []),
        new("POST /content/lint", "content/lint", new { settings = new { cache_ttl = 300 } }, []),
        new("POST /content/{name}/plan", "content/rules/plan", null, []),
        new("POST /content/{name}/execute", "content/rules/execute", null, ["content.activate"]),
        new("POST /content/{name}/rollback", "content/rules/rollback", new { revision = 1 }, ["content.activate"]),
        new("POST /content/{name}/replay", "content/rules/replay", null, []),
        new("POST /import", "import", null, []),
        new("POST /stack/import", "stack/import", null, []),
        new("POST /gateways", "gateways", new { id = "prod" }, ["gateway.create"]),
        new("PUT /gateways/{id}/control", "gateways/prod/control", new { mode = "observe" }, ["gateway.control"], IfMatch: true),
        new("POST /gateways/{id}/pause", "gateways/prod/pause", null, ["gateway.pause"]),
        new("POST /gateways/{id}/resume", "gateways/prod/resume", null, ["gateway.resume"]),
        new("POST /provider-keys", "provider-keys", new { gateway = "prod", provider = "openai", value = "sk-a-key" }, ["keys.put"]),
        new("POST /provider-keys", "provider-keys", new { gateway = "prod", provider = "openai", value = "sk-another-key" }, ["keys.rotate"]),
        new("POST /provider-keys/{gateway}/{provider}/{alias}/rotate", "provider-keys/prod/openai/default/rotate", new { value = "sk-a-third-key" }, ["keys.rotate"]),
        new("DELETE /provider-keys/{gateway}/{provider}/{alias}", "provider-keys/prod/openai/default", null, ["keys.remove"]),
        new("POST /stack", "stack", new
        {
            schema = "gatewayops.stack/v1", project = "gateways", stack = "prod", accountId = new EmulatorOptions().AccountId,
            gateways = new[] { new { id = "prod", fields = new { authentication = true } } }, secrets = Array.Empty<object>(),
        }, ["stack.adopt"]),
        new("DELETE /stacks/{project}/{stack}", "stacks/gateways/prod", null, ["stack.remove"], IfMatch: true),
        new("POST /logs/backfill", "logs/backfill", new { gateway = "prod", from = TimeProvider.System.GetUtcNow().AddHours(-1), to = TimeProvider.System.GetUtcNow() }, ["logs.backfill"]),
        new("DELETE /logs/backfill/{id}", "logs/backfill/{token}", null, ["logs.backfill_cancel"]),
        new("POST /reconcile", "reconcile", null, ["reconcile"]),
        new("POST /tokens", "tokens", new { name = "team", key = new { budgetUsd = 5 } }, ["token.create"]),
        new("POST /tokens/{id}/rotate", "tokens/{token}/rotate", null, ["token.rotate"]),
        new("DELETE /tokens/{id}", "tokens/{token}", null, ["token.revoke"]),
        new("POST /tokens", "tokens", new { name = "ci", scope = "read" }, ["token.create"]),
        new("POST /tokens/{id}/rotate", "tokens/{token}/rotate", null, ["token.rotate"]),
        new("DELETE /tokens/{id}", "tokens/{token}", null, ["token.revoke"]),
        new("DELETE /content/{name}", "content/rules", null, ["content.activate", "content.remove"], IfMatch: true),
    ];

    [Fact]
    public async Task EveryWrite_LeavesItsRows()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { SeedGateway = true });
        await using var service = await TestService.StartAsync(emulator: emulator);
        var token = "";
        foreach (var step in Steps)
        {
            using var request = new HttpRequestMessage(new HttpMethod(step.Route.Split(' ')[0]), $"/api/v1/{step.Path.Replace("{token}", token)}") { Content = step.Body is null ? null : JsonContent.Create(step.Body) };
            if (step.IfMatch)
            {
                request.Headers.Add("If-Match", "*");
            }

            using var response = await service.Operator.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{step.Route}: {(int)response.StatusCode} {answer}");
            token = step.Route is "POST /tokens" or "POST /logs/backfill" ? JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("id").GetString()! : token;

            var rows = await service.Database.QueryAsync<string>("select action from audit where request_id = $1 and actor = 'operator' order by action", response.Headers.GetValues("x-request-id").Single());
            Assert.True(step.Actions.SequenceEqual(rows), $"{step.Route} leaves {string.Join(", ", rows)}, not {string.Join(", ", step.Actions)}");
        }

        Assert.Empty((await service.Database.QueryAsync<string>("select distinct action from audit")).Except(AuditActions.All));
        Assert.Empty((await service.Database.QueryAsync<string>("select distinct result from audit")).Except(AuditResults.All));
        // Those of the service itself, too, on whatever connection they were written.
        var counted = PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_audit_events_total"].Samples.Sum(sample => sample.Value);
        Assert.Equal(await service.Database.QueryAsync<long>("select count(*) from audit"), [(long)counted]);
        Assert.Equal(Writes(service).Order(StringComparer.Ordinal), Steps.Select(step => step.Route).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>PUT is repeatable by itself, and held by If-Match.</summary>
    [Fact]
    public async Task EveryPostAndDelete_ThatChangesSomething_TakesAnIdempotencyKey()
    {
        await using var service = await TestService.StartAsync();
        var idempotent = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.Any(item => item.GetType().Name == "IdempotentMark"))
            .Select(endpoint => $"{endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} /{endpoint.RoutePattern.RawText!.Trim('/')["api/v1/".Length..]}");

        Assert.Empty(Steps.Where(step => step.Actions.Length > 0 && !step.Route.StartsWith("PUT", StringComparison.Ordinal)).Select(step => step.Route).Except(idempotent));
    }

    private static IEnumerable<string> Writes(TestService service) =>
        from endpoint in service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where path.StartsWith("/api/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        where method is not "GET"
        select $"{method} {path["/api/v1".Length..]}";
}
