using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Evaluations;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.Cloudflare.Routes;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.Cloudflare.Tokens;

namespace GatewayOps.Tests.Contract;

/// <summary>Every operation as a caller of our client asks for it, with what sample-requests.json has.</summary>
internal static class ClientCalls
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Parameters of the samples that no caller of our client can ask for, `operation parameter`, each with the reason.</summary>
    public static IReadOnlyDictionary<string, string> NotOffered { get; } = new Dictionary<string, string>
    {
        ["listLogs meta_info"] = "asked for by SummariseAsync alone",
        ["listStores order"] = "an account has one store at most",
        ["listStores direction"] = "an account has one store at most",
        ["listAccountTokens direction"] = "a list of tokens is read to its end",
        ["listUserTokens direction"] = "a list of tokens is read to its end",
    };

    /// <summary>In the order of the document.</summary>
    public static IReadOnlyList<ClientCall> All { get; } =
    [
        new("listGateways", client => AllOf(client.Gateways.ListAsync("gw", None))),
        new("createGateway", client => client.Gateways.CreateAsync(Body("createGateway"), None)),
        new("getGateway", client => client.Gateways.FindAsync("gw", None)),
        new("updateGateway", client => client.Gateways.UpdateAsync("gw", Body("updateGateway"), None)),
        new("deleteGateway", client => client.Gateways.DeleteAsync("gw", None)),
        new("getGatewayUrl", client => client.Gateways.UrlAsync("gw", "openai", None)),
        new("listLogs", client => AllOf(client.Logs.ListAsync("gw", new LogQuery { Search = "chat", Filters = Filters("listLogs") }, None))),
        new("listLogs", client => client.Logs.SummariseAsync("gw", new LogQuery { Search = "chat", Filters = Filters("listLogs") }, None)),
        new("deleteLogs", client => client.Logs.DeleteAsync("gw", new LogDeletion { Limit = 10, Filters = Filters("deleteLogs") }, None)),
        new("getLog", client => client.Logs.FindAsync("gw", "log-1", None)),
        new("patchLog", client => client.Logs.UpdateAsync("gw", "log-1", new LogPatch { Feedback = 1, Score = 90, Metadata = Metadata() }, None)),
        new("getLogRequest", client => client.Logs.RequestBodyAsync("gw", "log-1", None)),
        new("getLogResponse", client => client.Logs.ResponseBodyAsync("gw", "log-1", None)),
        new("listProviderConfigs", client => AllOf(client.ProviderConfigs.ListAsync("gw", None))),
        new("createProviderConfig", client => client.ProviderConfigs.CreateAsync("gw", new NewProviderConfig("openai", "default", true, "secret-1") { RateLimit = 10, RateLimitPeriod = TimeSpan.FromMinutes(1) }, None)),
        new("deleteProviderConfig", client => client.ProviderConfigs.DeleteAsync("gw", "id-1", None)),
        new("listCustomProviders", client => AllOf(client.CustomProviders.ListAsync(new CustomProviderQuery(Enabled: true, Beta: false, Search: "acme"), None))),
        new("createCustomProvider", client => client.CustomProviders.CreateAsync(Acme, None)),
        new("getCustomProvider", client => client.CustomProviders.FindAsync("id-1", None)),
        new("patchCustomProvider", client => client.CustomProviders.UpdateAsync("id-1", Body("patchCustomProvider"), None)),
        new("deleteCustomProvider", client => client.CustomProviders.DeleteAsync("id-1", None)),
        new("listRoutes", client => AllOf(client.Routes.ListAsync("gw", None))),
        new("createRoute", client => client.Routes.CreateAsync("gw", "support", Support, None)),
        new("getRoute", client => client.Routes.FindAsync("gw", "route-1", None)),
        new("renameRoute", client => client.Routes.RenameAsync("gw", "route-1", "support-2", None)),
        new("deleteRoute", client => client.Routes.DeleteAsync("gw", "route-1", None)),
        new("listRouteVersions", client => AllOf(client.Routes.ListVersionsAsync("gw", "route-1", None))),
        new("createRouteVersion", client => client.Routes.CreateVersionAsync("gw", "route-1", OneModel, None)),
        new("getRouteVersion", client => client.Routes.FindVersionAsync("gw", "route-1", "version-1", None)),
        new("listRouteDeployments", client => AllOf(client.Routes.ListDeploymentsAsync("gw", "route-1", None))),
        new("deployRoute", client => client.Routes.DeployAsync("gw", "route-1", "version-1", None)),
        new("listDatasets", client => AllOf(client.Datasets.ListAsync("gw", new DatasetQuery(Enabled: true, Name: "cheap", Search: "ch"), None))),
        new("createDataset", client => client.Datasets.CreateAsync("gw", new NewDataset("cheap", [new LogFilter("cost", "lt", JsonValue.Create(0.01m))]), None)),
        new("getDataset", client => client.Datasets.FindAsync("gw", "id-1", None)),
        new("updateDataset", client => client.Datasets.UpdateAsync("gw", "id-1", Body("updateDataset"), None)),
        new("deleteDataset", client => client.Datasets.DeleteAsync("gw", "id-1", None)),
        new("listEvaluations", client => AllOf(client.Evaluations.ListAsync("gw", new EvaluationQuery(Processed: true, Name: "weekly", Search: "week"), None))),
        new("createEvaluation", client => client.Evaluations.CreateAsync("gw", new NewEvaluation("weekly", ["id-1"], ["type-1"]), None)),
        new("getEvaluation", client => client.Evaluations.FindAsync("gw", "id-1", None)),
        new("deleteEvaluation", client => client.Evaluations.DeleteAsync("gw", "id-1", None)),
        new("listEvaluationTypes", client => AllOf(client.Evaluations.ListTypesAsync("name", true, None))),
        new("listPolicies", client => AllOf(client.Policies.ListAsync("gw", true, None))),
        new("createPolicy", client => client.Policies.CreateAsync("gw", new NewPolicy("team budget", "user:{cf.user.id}", new PolicyResource("gpt-*", "openai"), "true", new PolicyAction.Limit(25, "daily")), true, None)),
        new("getPolicy", client => client.Policies.FindAsync("gw", "policy-1", None)),
        new("updatePolicy", client => client.Policies.UpdateAsync("gw", "policy-1", Body("updatePolicy"), true, None)),
        new("deletePolicy", client => client.Policies.DeleteAsync("gw", "policy-1", None)),
        new("commitPolicies", client => client.Policies.CommitAsync("gw", None)),
        new("simulatePolicies", client => client.Policies.SimulateAsync("gw", Question, None)),
        new("getCreditBalance", client => client.Billing.CreditBalanceAsync(None)),
        new("getInvoiceHistory", client => AllOf(client.Billing.ListInvoicesAsync("all", None))),
        new("getInvoicePreview", client => client.Billing.PreviewInvoiceAsync(None)),
        new("getUsageHistory", client => client.Billing.UsageAsync(false, Time("2026-11-01T00:00:00Z"), Time("2026-11-02T00:00:00Z"), None)),
        new("getSpendingLimit", client => client.Billing.SpendingLimitAsync(None)),
        new("createSpendingLimit", client => client.Billing.SetSpendingLimitAsync(100, "monthly", "fixed", None)),
        new("deleteSpendingLimit", client => client.Billing.DeleteSpendingLimitAsync(None)),
        new("createTopup", client => client.Billing.TopUpAsync(1000, "pm_1", None)),
        new("getTopupStatus", client => client.Billing.IsTopUpCompletedAsync("pi_1", None)),
        new("getTopupConfig", client => client.Billing.FindTopUpConfigAsync(None)),
        new("setTopupConfig", client => client.Billing.SetTopUpConfigAsync(1000, 500, None)),
        new("deleteTopupConfig", client => client.Billing.DeleteTopUpConfigAsync(None)),
        new("getSecretsQuota", client => client.Secrets.QuotaAsync(None)),
        new("listStores", client => AllOf(client.Secrets.ListStoresAsync(None))),
        new("createStore", client => client.Secrets.CreateStoreAsync("keys", None)),
        new("getStore", client => client.Secrets.FindStoreAsync("store-1", None)),
        new("deleteStore", client => client.Secrets.DeleteStoreAsync("store-1", true, None)),
        new("listSecrets", client => AllOf(client.Secrets.ListSecretsAsync("store-1", new SecretQuery { OrderBy = "name", Ascending = false, Search = "openai", Scopes = ["ai_gateway", "workers"] }, None))),
        new("createSecrets", client => client.Secrets.CreateSecretsAsync("store-1", [new NewSecret("gw_openai_default", "sk-sample", ["workers", "ai_gateway"], "of the tests")], None)),
        new("createSecrets", client => client.Secrets.CreateSecretAsync("store-1", new NewSecret("gw_openai_default", "sk-sample", ["workers", "ai_gateway"], "of the tests"), None)),
        new("bulkDeleteSecrets", client => client.Secrets.DeleteAllAsync("store-1", None)),
        new("getSecret", client => client.Secrets.FindSecretAsync("store-1", "secret-1", None)),
        new("editSecret", client => client.Secrets.UpdateAsync("store-1", "secret-1", new SecretChange { Value = "sk-sample-2", Scopes = ["ai_gateway"], Comment = "rotated" }, None)),
        new("deleteSecret", client => client.Secrets.DeleteAsync("store-1", "secret-1", None)),
        new("duplicateSecret", client => client.Secrets.DuplicateAsync("store-1", "secret-1", "gw_openai_copy", ["ai_gateway"], "a copy", None)),
        new("listAccountTokens", client => AllOf(client.Tokens.Account.ListAsync(true, None))),
        new("createAccountToken", client => client.Tokens.Account.CreateAsync(Reader, None)),
        new("verifyAccountToken", client => client.Tokens.Account.VerifyAsync(None)),
        new("listAccountPermissionGroups", client => AllOf(client.Tokens.Account.ListPermissionGroupsAsync("AI Gateway Run", "com.cloudflare.api.account", None))),
        new("getAccountToken", client => client.Tokens.Account.FindAsync("token-1", None)),
        new("updateAccountToken", client => client.Tokens.Account.UpdateAsync("token-1", Body("updateAccountToken"), None)),
        new("deleteAccountToken", client => client.Tokens.Account.DeleteAsync("token-1", None)),
        new("rollAccountToken", client => client.Tokens.Account.RollAsync("token-1", None)),
        new("listUserTokens", client => AllOf(client.Tokens.User.ListAsync(false, None))),
        new("createUserToken", client => client.Tokens.User.CreateAsync(new NewToken("mine", [GatewayRead]), None)),
        new("verifyUserToken", client => client.Tokens.User.VerifyAsync(None)),
        new("listUserPermissionGroups", client => AllOf(client.Tokens.User.ListPermissionGroupsAsync("AI Gateway Run", "com.cloudflare.api.account", None))),
        new("getUserToken", client => client.Tokens.User.FindAsync("token-1", None)),
        new("updateUserToken", client => client.Tokens.User.UpdateAsync("token-1", Body("updateUserToken"), None)),
        new("deleteUserToken", client => client.Tokens.User.DeleteAsync("token-1", None)),
        new("rollUserToken", client => client.Tokens.User.RollAsync("token-1", None)),
    ];

    private static NewCustomProvider Acme => new("Acme", "acme", new Uri("https://api.acme.example.com"))
    {
        Enabled = true,
        Description = "Models of Acme",
        Link = "https://acme.example.com",
        Headers = new Dictionary<string, string> { ["x-team"] = "core" },
        Position = 1,
    };

    private static RouteGraph Support => new(
        new StartElement("start", "plan"),
        new ConditionalElement("plan", new JsonObject { ["metadata.plan"] = new JsonObject { ["$eq"] = "free" } }, "limit", "split"),
        new RateElement("limit", "count", "metadata.user_id", 100, TimeSpan.FromHours(1), "split", "end"),
        new PercentageElement("split", new Dictionary<string, string> { ["10%"] = "model", ["else"] = "model" }),
        new ModelElement("model", "openai", "gpt-4o-mini", TimeSpan.FromMinutes(1), 2, "end", "end"),
        new EndElement("end"));

    private static RouteGraph OneModel => new(
        new StartElement("start", "model"), new ModelElement("model", "openai", "gpt-4o", TimeSpan.FromMinutes(1), 1, "end", "end"), new EndElement("end"));

    private static PolicyQuestion Question => new("gpt-5", "openai")
    {
        UserId = "u-1",
        UserEmail = "ada@example.com",
        UserGroups = ["eng"],
        Metadata = new JsonObject { ["team"] = "core" },
        BucketUsage = new Dictionary<string, decimal> { ["team budget"] = 24.5m },
    };

    private static TokenPolicy GatewayRead => new(["4dc8917b4b40457d88d3035d5dadb054"], new Dictionary<string, string> { ["com.cloudflare.api.account.acc"] = "*" });

    private static NewToken Reader => new("gateway reader", [GatewayRead])
    {
        AllowedAddresses = ["192.0.2.0/24"],
        DeniedAddresses = ["192.0.2.7/32"],
        ExpiresOn = Time("2027-01-01T00:00:00Z"),
        NotBefore = Time("2026-01-01T00:00:00Z"),
    };

    private static JsonObject Body(string operation) => JsonObject.Create(SampleRequest.For(operation).Body!.Value)!;

    private static Dictionary<string, JsonValue> Metadata() => Body("patchLog")["metadata"]!.AsObject().ToDictionary(member => member.Key, member => member.Value!.AsValue());

    private static IReadOnlyList<LogFilter> Filters(string operation)
    {
        using var filters = JsonDocument.Parse(SampleRequest.For(operation).Query.Single(pair => pair.Key == "filters").Value);
        return
        [
            .. filters.RootElement.EnumerateArray().Select(filter => new LogFilter(
                filter.GetProperty("key").GetString()!, filter.GetProperty("operator").GetString()!, [.. filter.GetProperty("value").EnumerateArray().Select(value => JsonValue.Create(value.Clone()))])),
        ];
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static async Task AllOf<T>(IAsyncEnumerable<T> items)
    {
        await foreach (var _ in items)
        {
        }
    }
}
