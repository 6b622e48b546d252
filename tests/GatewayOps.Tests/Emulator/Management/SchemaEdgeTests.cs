using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>
/// The emulator accepts what the OpenAPI document allows and refuses what it does not, for every range, enumeration, pattern, type and required member of these
/// bodies: 400 with code 7001 and the path of what is wrong.
/// </summary>
public sealed class SchemaEdgeTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private string _logId = "";

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 1_000_000 });
        await _emulator.CreateGatewayAsync("edges");
        var gateway = _emulator.Account.FindGateway("edges")!;
        var row = SampleLog.Row(gateway.Logs);
        gateway.AddLog(row);
        _logId = row.Id;
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact]
    [Operation("createGateway", "deleteGateway")]
    public async Task CreateGateway_AtEveryEdge_IsAsTheDocumentSays() => await HoldAsync("GatewayCreate", "createGateway", "POST", "ai-gateway/gateways", atLeast: 500, async accepted =>
    {
        var created = (await accepted.Content.ReadFromJsonAsync<JsonNode>())!["result"]!;
        using var deleted = await _emulator.Management.DeleteAsync($"ai-gateway/gateways/{created["id"]}");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
    });

    [Fact]
    [Operation("updateGateway")]
    public async Task UpdateGateway_AtEveryEdge_IsAsTheDocumentSays() => await HoldAsync("GatewayUpdate", "updateGateway", "PUT", "ai-gateway/gateways/edges", atLeast: 500);

    [Fact]
    [Operation("patchLog")]
    public async Task PatchLog_AtEveryEdge_IsAsTheDocumentSays() => await HoldAsync("LogPatch", "patchLog", "PATCH", $"ai-gateway/gateways/edges/logs/{_logId}", atLeast: 20,
        // contract.md has their ranges (section 3): the document does not.
        stricter: ["feedback", "score"]);

    private async Task HoldAsync(string schema, string operationId, string method, string path, int atLeast, Func<HttpResponseMessage, Task>? accepted = null, params string[] stricter)
    {
        var operation = OpenApiDocument.Cloudflare.Operations.Single(one => one.Id == operationId);
        var call = OpenApiDocument.Cloudflare.Find(method, $"/accounts/{_emulator.Options.AccountId}/{path}")!;
        var edges = SchemaEdges.Of(schema);
        Assert.True(edges.Count >= atLeast, $"{edges.Count} edges");
        var wrong = new List<string>();
        foreach (var edge in edges)
        {
            var text = edge.Body?.ToJsonString() ?? "null";
            var allowed = operation.RequestViolations(call, [], "application/json", Encoding.UTF8.GetBytes(text)).Count == 0;
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
            using var answer = await _emulator.Management.SendAsync(request);
            if (allowed && !answer.IsSuccessStatusCode && stricter.Contains(edge.Path))
                allowed = false;
            if (allowed != answer.IsSuccessStatusCode)
                wrong.Add($"{edge}: {(allowed ? "allowed" : "forbidden")}, and answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            else if (!allowed && await ProblemAsync(answer, edge) is { } problem)
                wrong.Add($"{edge}: {problem}");
            else if (allowed && accepted is not null)
                await accepted(answer);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    private static async Task<string?> ProblemAsync(HttpResponseMessage answer, SchemaEdge edge)
    {
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        var place = edge.Path.Length == 0 ? "body" : $"body.{edge.Path}";
        var named = body["errors"]!.AsArray().Any(error =>
            (int?)error!["code"] == 7001 && string.Join('.', error["path"]!.AsArray().Select(part => part!.ToString())) is var path && (path == place || path.StartsWith($"{place}.", StringComparison.Ordinal)));
        return answer.StatusCode == HttpStatusCode.BadRequest && named ? null : $"{(int)answer.StatusCode} {body.ToJsonString()}";
    }
}
