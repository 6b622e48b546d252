using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Access;

/// <summary>Every route of the operator API against every kind of caller. A route without a declared scope fails here, unless it is one of the few that anybody may read.</summary>
public sealed partial class AccessMatrixTests
{
    /// <summary>What anybody may read: the same for everybody, and public.</summary>
    private static readonly string[] Anonymous = ["GET /api/v1/schemas/rule-set.v1.json"];

    /// <summary>Writes that only a caller with the scope read may ask for, because they change nothing.</summary>
    private static readonly string[] Reading = ["/api/v1/content/lint", "/api/v1/content/{name}/plan", "/api/v1/content/{name}/replay", "/api/v1/import", "/api/v1/stack/import"];

    [Fact]
    public async Task EveryRoute_HoldsEveryCallerToItsScope()
    {
        // Where Cloudflare is away, each route that asks it answers after its retries.
        await using var cloudflare = await TestEmulator.StartAsync();
        await using var service = await TestService.StartAsync(emulator: cloudflare);
        var issued = new Dictionary<string, (string Id, string Token)>();
        foreach (var (name, scope) in new[] { ("reads", "read"), ("applies", "apply"), ("is-admin", "admin"), ("is-revoked", "admin"), ("has-expired", "admin") })
        {
            using var made = await service.Operator.PostAsync("/api/v1/tokens", JsonContent.Create(new { name, scope, expiresIn = 86_400 }));
            var answer = await made.Content.ReadFromJsonAsync<JsonElement>();
            issued[name] = (answer.GetProperty("id").GetString()!, answer.GetProperty("token").GetString()!);
        }

        // Straight in the table, and heard of by the revocation: to wait for a minute is no test.
        await service.Database.ExecuteAsync("update operator_tokens set expires_at = created_at where name = 'has-expired'");
        (await service.Operator.DeleteAsync($"/api/v1/tokens/{issued["is-revoked"].Id}")).EnsureSuccessStatusCode();

        (string Who, HttpClient Client, OperatorScope? Scope)[] callers =
        [
            ("nobody", service.Anonymous, null),
            ("a caller of the proxy", service.Caller, null),
            ("a virtual key", await service.KeyClientAsync(), null),
            ("a revoked token", service.NewClient(issued["is-revoked"].Token), null),
            ("an expired token", service.NewClient(issued["has-expired"].Token), null),
            ("a digest", service.NewClient(Convert.ToHexStringLower(TokenText.Digest(issued["is-admin"].Token))), null),
            ("read", service.NewClient(issued["reads"].Token), OperatorScope.Read),
            ("apply", service.NewClient(issued["applies"].Token), OperatorScope.Apply),
            ("admin", service.NewClient(issued["is-admin"].Token), OperatorScope.Admin),
        ];
        var faults = new List<string>();
        foreach (var (method, path, scope) in Routes(service))
        {
            var name = $"{method} {path}";
            if (scope is null)
            {
                faults.AddRange(Anonymous.Contains(name) ? [] : [$"{name} declares no scope"]);
                continue;
            }

            if (method is not "GET" && scope < OperatorScope.Apply && !Reading.Contains(path))
            {
                faults.Add($"{name} changes something and asks for {scope} only");
            }

            foreach (var (who, client, has) in callers)
            {
                var status = await StatusAsync(client, method, Placeholder().Replace(path, "no-such-thing"));
                var expected = has is null ? 401 : has < scope ? 403 : 0;
                if (expected == 0 ? status is 401 or 403 or 500 : status != expected)
                {
                    faults.Add($"{name} answers {status} to {who}{(expected == 0 ? "" : $", not {expected}")}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Who may issue has the largest scope: nothing that is issued exceeds its issuer.</summary>
    [Fact]
    public async Task Tokens_AreIssuedAndChangedByAdminsOnly()
    {
        await using var service = await TestService.StartAsync();

        var changing = Routes(service).Where(route => route.Path.StartsWith("/api/v1/tokens", StringComparison.Ordinal) && route.Method is not "GET").ToList();

        Assert.Equal(3, changing.Count);
        Assert.All(changing, route => Assert.Equal(Enum.GetValues<OperatorScope>().Max(), route.Scope));
    }

    private static List<(string Method, string Path, OperatorScope? Scope)> Routes(TestService service) =>
    [
        .. from endpoint in service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
           where path.StartsWith("/api/", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           select (method, path, endpoint.NeededScope()),
    ];

    private static async Task<int> StatusAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("revisions/no-such-thing", "revisions/1", StringComparison.Ordinal));
        if (method is not ("GET" or "DELETE"))
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}
