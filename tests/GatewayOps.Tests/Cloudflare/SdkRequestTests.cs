using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Evaluations;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Cloudflare.Routes;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.Cloudflare.Tokens;
using GatewayOps.Tests.Contract;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Tests.Cloudflare;

/// <summary>What the client sends for each operation is what the official SDK was recorded to send, so that client and emulator do not share one misreading.</summary>
public sealed class SdkRequestTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly JsonElement Recorded = JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contract", "sdk-requests.json")));

    // Pages; orders that the client leaves to Cloudflare; filters, which the SDK sends in the form that the contract calls ambiguous (section 1.5).
    private static readonly string[] NotCompared = ["page", "per_page", "direction", "order", "meta_info", "filters", "filters.key", "filters.operator", "filters.value"];

    /// <summary>The member of the client for each operation that the SDK has, called with the sample that the SDK was given.</summary>
    private static readonly Dictionary<string, Func<CloudflareClient, Task>> Members = new()
    {
        ["listGateways"] = client => client.Gateways.ListAsync("gw", None).AllAsync(),
        ["createGateway"] = client => client.Gateways.CreateAsync(Body("createGateway"), None),
        ["getGateway"] = client => client.Gateways.FindAsync("gw", None),
        ["updateGateway"] = client => client.Gateways.UpdateAsync("gw", Body("updateGateway"), None),
        ["deleteGateway"] = client => client.Gateways.DeleteAsync("gw", None),
        ["getGatewayUrl"] = client => client.Gateways.UrlAsync("gw", "openai", None),
        ["listLogs"] = client => client.Logs.ListAsync("gw", new LogQuery { Search = "chat", Filters = [LogFilter.Is("model", "gpt-4o", "gpt-4o-mini")] }, None).AllAsync(),
        ["deleteLogs"] = client => client.Logs.DeleteAsync("gw", new LogDeletion { Limit = 10, Filters = [LogFilter.Before(new(2026, 10, 5, 0, 0, 0, TimeSpan.Zero))] }, None),
        ["getLog"] = client => client.Logs.FindAsync("gw", "log-1", None),
        ["patchLog"] = client => client.Logs.UpdateAsync("gw", "log-1", new LogPatch
        {
            Feedback = 1,
            Score = 90,
            Metadata = new Dictionary<string, JsonValue> { ["team"] = JsonValue.Create("core"), ["seats"] = JsonValue.Create(3), ["paid"] = JsonValue.Create(true) },
        }, None),
        ["getLogRequest"] = client => client.Logs.RequestBodyAsync("gw", "log-1", None),
        ["getLogResponse"] = client => client.Logs.ResponseBodyAsync("gw", "log-1", None),
        ["listProviderConfigs"] = client => client.ProviderConfigs.ListAsync("gw", None).AllAsync(),
        ["createProviderConfig"] = client => client.ProviderConfigs.CreateAsync("gw", new("openai", "default", true, "secret-1") { RateLimit = 10, RateLimitPeriod = TimeSpan.FromMinutes(1) }, None),
        ["listCustomProviders"] = client => client.CustomProviders.ListAsync(new(Enabled: true, Beta: false, Search: "acme"), None).AllAsync(),
        ["createCustomProvider"] = client => client.CustomProviders.CreateAsync(new("Acme", "acme", new("https://api.acme.example.com"))
        {
            Description = "Models of Acme",
            Enabled = true,
            Link = "https://acme.example.com",
            Headers = new Dictionary<string, string> { ["x-team"] = "core" },
            Position = 1,
        }, None),
        ["getCustomProvider"] = client => client.CustomProviders.FindAsync("id-1", None),
        ["deleteCustomProvider"] = client => client.CustomProviders.DeleteAsync("id-1", None),
        ["listRoutes"] = client => client.Routes.ListAsync("gw", None).AllAsync(),
        ["createRoute"] = client => client.Routes.CreateAsync("gw", "support", new(
            new StartElement("start", "plan"),
            new ConditionalElement("plan", new JsonObject { ["metadata.plan"] = new JsonObject { ["$eq"] = "free" } }, "limit", "split"),
            new RateElement("limit", "count", "metadata.user_id", 100, TimeSpan.FromHours(1), "split", "end"),
            new PercentageElement("split", new Dictionary<string, string> { ["10%"] = "model", ["else"] = "model" }),
            new ModelElement("model", "openai", "gpt-4o-mini", TimeSpan.FromMinutes(1), 2, "end", "end"),
            new EndElement("end")), None),
        ["getRoute"] = client => client.Routes.FindAsync("gw", "route-1", None),
        ["renameRoute"] = client => client.Routes.RenameAsync("gw", "route-1", "support-2", None),
        ["deleteRoute"] = client => client.Routes.DeleteAsync("gw", "route-1", None),
        ["listRouteVersions"] = client => client.Routes.ListVersionsAsync("gw", "route-1", None).AllAsync(),
        ["createRouteVersion"] = client => client.Routes.CreateVersionAsync("gw", "route-1", new(
            new StartElement("start", "model"), new ModelElement("model", "openai", "gpt-4o", TimeSpan.FromMinutes(1), 1, "end", null), new EndElement("end")), None),
        ["getRouteVersion"] = client => client.Routes.FindVersionAsync("gw", "route-1", "version-1", None),
        ["listRouteDeployments"] = client => client.Routes.ListDeploymentsAsync("gw", "route-1", None).AllAsync(),
        ["deployRoute"] = client => client.Routes.DeployAsync("gw", "route-1", "version-1", None),
        ["listDatasets"] = client => client.Datasets.ListAsync("gw", new(true, "cheap", "ch"), None).AllAsync(),
        ["createDataset"] = client => client.Datasets.CreateAsync("gw", new("cheap", [new("cost", "lt", JsonValue.Create(0.01))]), None),
        ["getDataset"] = client => client.Datasets.FindAsync("gw", "id-1", None),
        ["updateDataset"] = client => client.Datasets.UpdateAsync("gw", "id-1", Body("updateDataset"), None),
        ["deleteDataset"] = client => client.Datasets.DeleteAsync("gw", "id-1", None),
        ["listEvaluations"] = client => client.Evaluations.ListAsync("gw", new(true, "weekly", "week"), None).AllAsync(),
        ["createEvaluation"] = client => client.Evaluations.CreateAsync("gw", new NewEvaluation("weekly", ["id-1"], ["type-1"]), None),
        ["getEvaluation"] = client => client.Evaluations.FindAsync("gw", "id-1", None),
        ["deleteEvaluation"] = client => client.Evaluations.DeleteAsync("gw", "id-1", None),
        ["listEvaluationTypes"] = client => client.Evaluations.ListTypesAsync("name", ascending: true, None).AllAsync(),
        ["getCreditBalance"] = client => client.Billing.CreditBalanceAsync(None),
        ["getInvoiceHistory"] = client => client.Billing.ListInvoicesAsync("all", None).AllAsync(),
        ["getInvoicePreview"] = client => client.Billing.PreviewInvoiceAsync(None),
        ["getUsageHistory"] = client => client.Billing.UsageAsync(byHour: false, DateTimeOffset.FromUnixTimeMilliseconds(1793491200000), DateTimeOffset.FromUnixTimeMilliseconds(1793577600000), None),
        ["getSpendingLimit"] = client => client.Billing.SpendingLimitAsync(None),
        ["createSpendingLimit"] = client => client.Billing.SetSpendingLimitAsync(100, "monthly", "fixed", None),
        ["deleteSpendingLimit"] = client => client.Billing.DeleteSpendingLimitAsync(None),
        ["createTopup"] = client => client.Billing.TopUpAsync(1000, "pm_1", None),
        ["getTopupStatus"] = client => client.Billing.IsTopUpCompletedAsync("pi_1", None),
        ["getTopupConfig"] = client => client.Billing.FindTopUpConfigAsync(None),
        ["setTopupConfig"] = client => client.Billing.SetTopUpConfigAsync(1000, 500, None),
        ["deleteTopupConfig"] = client => client.Billing.DeleteTopUpConfigAsync(None),
        ["getSecretsQuota"] = client => client.Secrets.QuotaAsync(None),
        ["listStores"] = client => client.Secrets.ListStoresAsync(None).AllAsync(),
        ["createStore"] = client => client.Secrets.CreateStoreAsync("keys", None),
        ["getStore"] = client => client.Secrets.FindStoreAsync("store-1", None),
        ["deleteStore"] = client => client.Secrets.DeleteStoreAsync("store-1", force: true, None),
        ["listSecrets"] = client => client.Secrets.ListSecretsAsync("store-1", new SecretQuery { OrderBy = "name", Ascending = false, Search = "openai", Scopes = ["ai_gateway", "workers"] }, None).AllAsync(),
        ["createSecrets"] = client => client.Secrets.CreateSecretAsync("store-1", new("gw_openai_default", "sk-sample", ["ai_gateway", "workers"], "of the tests"), None),
        ["bulkDeleteSecrets"] = client => client.Secrets.DeleteAllAsync("store-1", None),
        ["getSecret"] = client => client.Secrets.FindSecretAsync("store-1", "secret-1", None),
        ["editSecret"] = client => client.Secrets.UpdateAsync("store-1", "secret-1", new SecretChange { Value = "sk-sample-2", Scopes = ["ai_gateway"], Comment = "rotated" }, None),
        ["deleteSecret"] = client => client.Secrets.DeleteAsync("store-1", "secret-1", None),
        ["duplicateSecret"] = client => client.Secrets.DuplicateAsync("store-1", "secret-1", "gw_openai_copy", ["ai_gateway"], "a copy", None),
        ["listAccountTokens"] = client => client.Tokens.Account.ListAsync(includeExpired: true, None).AllAsync(),
        ["createAccountToken"] = client => client.Tokens.Account.CreateAsync(new("gateway reader", [Reader])
        {
            AllowedAddresses = ["192.0.2.0/24"],
            DeniedAddresses = ["192.0.2.7/32"],
            ExpiresOn = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
            NotBefore = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        }, None),
        ["verifyAccountToken"] = client => client.Tokens.Account.VerifyAsync(None),
        ["listAccountPermissionGroups"] = client => client.Tokens.Account.ListPermissionGroupsAsync("AI Gateway Run", "com.cloudflare.api.account", None).AllAsync(),
        ["getAccountToken"] = client => client.Tokens.Account.FindAsync("token-1", None),
        ["updateAccountToken"] = client => client.Tokens.Account.UpdateAsync("token-1", Body("updateAccountToken"), None),
        ["deleteAccountToken"] = client => client.Tokens.Account.DeleteAsync("token-1", None),
        ["rollAccountToken"] = client => client.Tokens.Account.RollAsync("token-1", None),
        ["listUserTokens"] = client => client.Tokens.User.ListAsync(includeExpired: true, None).AllAsync(),
        ["createUserToken"] = client => client.Tokens.User.CreateAsync(new("mine", [Reader]), None),
        ["verifyUserToken"] = client => client.Tokens.User.VerifyAsync(None),
        ["listUserPermissionGroups"] = client => client.Tokens.User.ListPermissionGroupsAsync("AI Gateway Run", "com.cloudflare.api.account", None).AllAsync(),
        ["getUserToken"] = client => client.Tokens.User.FindAsync("token-1", None),
        ["updateUserToken"] = client => client.Tokens.User.UpdateAsync("token-1", Body("updateUserToken"), None),
        ["deleteUserToken"] = client => client.Tokens.User.DeleteAsync("token-1", None),
        ["rollUserToken"] = client => client.Tokens.User.RollAsync("token-1", None),
    };

    private static TokenPolicy Reader => new(["4dc8917b4b40457d88d3035d5dadb054"], new Dictionary<string, string> { ["com.cloudflare.api.account.acc"] = "*" });

    [Fact]
    public async Task Requests_OfEveryOperation_AreThoseOfTheSdk()
    {
        var differences = new List<string>();
        foreach (var recorded in Recorded.EnumerateArray())
        {
            var operation = recorded.GetProperty("operation").GetString()!;
            await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"success":true,"result":null}"""));
            try
            {
                await Members[operation](stub.Client());
            }
            catch (CloudflareException)
            {
                // Only what was sent counts here.
            }
            var (ours, theirs) = (Line(stub.Requests[0]), Line(recorded, operation));
            if (ours != theirs) differences.Add($"{operation}\n  ours   {ours}\n  theirs {theirs}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static string Line(Seen seen)
    {
        var parts = seen.Target["/client/v4".Length..].Split('?');
        var query = QueryHelpers.ParseQuery(parts.ElementAtOrDefault(1)).SelectMany(pair => pair.Value.Select(value => (pair.Key, Value: value ?? "")));
        return Line(seen.Method, parts[0], query, seen.Body.Length == 0 ? null : JsonNode.Parse(seen.Body));
    }

    private static string Line(JsonElement recorded, string operation)
    {
        var body = recorded.GetProperty("body").ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(recorded.GetProperty("body").GetRawText());
        // The contract says `{}` (section 10); the SDK sends what it is given.
        if (operation is "rollAccountToken" or "rollUserToken") body ??= new JsonObject();
        return Line(recorded.GetProperty("method").GetString()!, recorded.GetProperty("path").GetString()!,
            recorded.GetProperty("query").EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!)), body);
    }

    private static string Line(string method, string path, IEnumerable<(string Key, string Value)> query, JsonNode? body) =>
        $"{method} {path} {string.Join('&', query.Where(pair => !NotCompared.Contains(pair.Key)).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal))} {Sorted(body)?.ToJsonString()}";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static JsonObject Body(string operation) => JsonObject.Create(SampleRequest.For(operation).Body!.Value)!;
}
