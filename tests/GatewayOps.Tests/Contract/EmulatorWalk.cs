using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Contract;

/// <summary>One answer of the emulator as it came.</summary>
internal sealed record WalkedAnswer(ApiOperation Operation, int Status, string? ContentType, byte[] Bytes)
{
    public JsonElement Body => JsonElement.Parse(Bytes);
}

/// <summary>Walks through every operation once on a fresh emulator, with the bodies of the sample requests, and keeps what it answered.</summary>
public sealed class EmulatorWalk : IAsyncLifetime
{
    private readonly Dictionary<string, WalkedAnswer> _answers = [];
    private readonly Dictionary<string, string> _ids = [];
    private TestEmulator _emulator = null!;
    private HttpClient _user = null!;

    internal IReadOnlyDictionary<string, WalkedAnswer> Answers => _answers;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _user = _emulator.NewClient();
        _ids["account_id"] = _emulator.Options.AccountId;
        _ids["gateway_id"] = "gw";
        await StoreAndGatewayAsync();
        await KeysAsync();
        await LogsAsync();
        await CustomProvidersAsync();
        await RoutesAsync();
        await EvaluationsAsync();
        await PoliciesAsync();
        await BillingAsync();
        await TokensAsync("Account");
        await TokensAsync("User");
        await RefusedAsync();
        foreach (var operation in new[] { "deleteLogs", "deleteGateway", "deleteSecret", "bulkDeleteSecrets", "deleteStore" })
            await CallAsync(operation);
    }

    public async Task DisposeAsync()
    {
        _user.Dispose();
        await _emulator.DisposeAsync();
    }

    internal WalkedAnswer Refused { get; private set; } = null!;

    private async Task RefusedAsync()
    {
        using var response = await _emulator.Management.PostAsync($"/client/v4/accounts/{_ids["account_id"]}/ai-gateway/gateways", new StringContent("{}", Encoding.UTF8, "application/json"));
        Refused = new(OpenApiDocument.Cloudflare.Operation("createGateway"), (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync());
    }

    private async Task StoreAndGatewayAsync()
    {
        _ids["store_id"] = Id(await CallAsync("createStore"));
        foreach (var operation in new[] { "listStores", "getStore", "getSecretsQuota", "createGateway" })
            await CallAsync(operation);
        await CallAsync("updateGateway", body =>
        {
            body["store_id"] = _ids["store_id"];
            body["dlp"] = JsonNode.Parse("""{"enabled":true,"policies":[{"id":"p1","enabled":true,"action":"FLAG","check":["REQUEST"],"profiles":["d0f1f0d7-5c0b-4d3a-9d1e-6f7f1a3c9b10"]}]}""");
            // Nobody listens there.
            body["otel"]![0]!["url"] = "http://127.0.0.1:9/v1/traces";
        });
        foreach (var operation in new[] { "listGateways", "getGateway", "getGatewayUrl" })
            await CallAsync(operation);
    }

    private async Task KeysAsync()
    {
        _ids["secret_id"] = (await CallAsync("createSecrets")).GetProperty("result")[0].GetProperty("id").GetString()!;
        foreach (var operation in new[] { "listSecrets", "getSecret", "editSecret", "duplicateSecret" })
            await CallAsync(operation);
        _ids["id"] = Id(await CallAsync("createProviderConfig", body => body["secret_id"] = _ids["secret_id"]));
        await CallAsync("listProviderConfigs");
        await CallAsync("deleteProviderConfig");
    }

    private async Task LogsAsync()
    {
        _ids["log_id"] = await ChatAsync("sk-1");
        foreach (var operation in new[] { "patchLog", "listLogs", "getLog", "getLogRequest", "getLogResponse" })
            await CallAsync(operation);
    }

    /// <summary>The id of its log row.</summary>
    private async Task<string> ChatAsync(string? providerKey)
    {
        using var gateway = _emulator.NewClient($"/v1/{_ids["account_id"]}/gw/");
        using var chat = new HttpRequestMessage(HttpMethod.Post, "openai/chat/completions")
        {
            Headers = { { "cf-aig-authorization", $"Bearer {_emulator.Options.ApiToken}" } },
            Content = new StringContent("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json"),
        };
        if (providerKey is not null)
            chat.Headers.Authorization = new("Bearer", providerKey);
        using var answer = await gateway.SendAsync(chat);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("cf-aig-log-id").Single();
    }

    private async Task CustomProvidersAsync()
    {
        _ids["id"] = Id(await CallAsync("createCustomProvider"));
        foreach (var operation in new[] { "listCustomProviders", "getCustomProvider", "patchCustomProvider", "deleteCustomProvider" })
            await CallAsync(operation);
    }

    private async Task RoutesAsync()
    {
        _ids["route_id"] = Id(await CallAsync("createRoute"));
        var version = (await CallAsync("createRouteVersion")).GetProperty("result");
        _ids["version_id"] = (version.TryGetProperty("version_id", out var id) ? id : version.GetProperty("id")).GetString()!;
        await CallAsync("deployRoute", body => body["version_id"] = _ids["version_id"]);
        foreach (var operation in new[] { "listRoutes", "getRoute", "renameRoute", "listRouteVersions", "getRouteVersion", "listRouteDeployments", "deleteRoute" })
            await CallAsync(operation);
    }

    private async Task EvaluationsAsync()
    {
        var dataset = Id(await CallAsync("createDataset"));
        _ids["id"] = dataset;
        foreach (var operation in new[] { "listDatasets", "getDataset", "updateDataset" })
            await CallAsync(operation);
        var types = (await CallAsync("listEvaluationTypes")).GetProperty("result");
        _ids["id"] = Id(await CallAsync("createEvaluation", body =>
        {
            body["dataset_ids"] = new JsonArray(dataset);
            body["evaluation_type_ids"] = new JsonArray([.. types.EnumerateArray().Select(type => (JsonNode)type.GetProperty("id").GetString()!)]);
        }));
        foreach (var operation in new[] { "listEvaluations", "getEvaluation", "deleteEvaluation" })
            await CallAsync(operation);
        _ids["id"] = dataset;
        await CallAsync("deleteDataset");
    }

    private async Task PoliciesAsync()
    {
        _ids["policy_id"] = Id(await CallAsync("createPolicy"));
        foreach (var operation in new[] { "listPolicies", "getPolicy", "updatePolicy", "commitPolicies", "simulatePolicies", "deletePolicy" })
            await CallAsync(operation);
    }

    private async Task BillingAsync()
    {
        var topup = await CallAsync("createTopup");
        await CallAsync("getTopupStatus", body => body["payment_intent_id"] = topup.GetProperty("result").GetProperty("payment_intent_id").GetString());
        await ChatAsync(providerKey: null); // Cloudflare's own: the bill has something to tell
        await CallAsync("setTopupConfig", asUser: true); // refused to API tokens
        foreach (var operation in new[] { "getTopupConfig", "getCreditBalance", "getInvoiceHistory", "getInvoicePreview", "getUsageHistory", "getSpendingLimit", "deleteSpendingLimit" })
            await CallAsync(operation);
        await CallAsync("deleteTopupConfig", asUser: true);
        await CallAsync("createSpendingLimit", expected: HttpStatusCode.Forbidden);
    }

    private async Task TokensAsync(string owner)
    {
        await CallAsync($"verify{owner}Token");
        await CallAsync($"list{owner}PermissionGroups");
        void OfThisAccount(JsonNode body)
        {
            foreach (var policy in body["policies"]!.AsArray())
                policy!["resources"] = new JsonObject { [$"com.cloudflare.api.account.{_ids["account_id"]}"] = "*" };
        }
        _ids["token_id"] = Id(await CallAsync($"create{owner}Token", OfThisAccount));
        await CallAsync($"get{owner}Token");
        await CallAsync($"list{owner}Tokens");
        await CallAsync($"update{owner}Token", OfThisAccount);
        await CallAsync($"roll{owner}Token");
        await CallAsync($"delete{owner}Token");
    }

    private async Task<JsonElement> CallAsync(string operation, Action<JsonNode>? adapt = null, HttpStatusCode expected = HttpStatusCode.OK, bool asUser = false)
    {
        var sample = SampleRequest.For(operation);
        var body = sample.Body is { } json ? JsonSerializer.SerializeToNode(json) : null;
        adapt?.Invoke(body!);
        // A list must have something in it: filters are other tests' matter.
        var query = operation switch
        {
            "listLogs" => "?meta_info=true",
            "listPolicies" => "?includeStaging=true",
            "getUsageHistory" => "?value_grouping_window=day",
            _ => operation.StartsWith("list", StringComparison.Ordinal) ? "" : sample.QueryText,
        };
        using var request = new HttpRequestMessage(new HttpMethod(sample.Operation.Method), $"/client/v4{sample.Path(_ids)}{query}")
        {
            Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        if (asUser)
        {
            request.Headers.Add("X-Auth-Email", _emulator.Options.ApiEmail);
            request.Headers.Add("X-Auth-Key", _emulator.Options.ApiKey);
        }
        using var response = await (asUser ? _user : _emulator.Management).SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode == expected, $"{operation}: {(int)response.StatusCode} {Encoding.UTF8.GetString(bytes)}");
        _answers.Add(operation, new(sample.Operation, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, bytes));
        return _answers[operation].Body;
    }

    private static string Id(JsonElement answer) => answer.GetProperty("result").GetProperty("id").GetString()!;
}
