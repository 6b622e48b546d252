using System.Reflection;
using static System.Net.Http.HttpMethod;
using static GatewayOps.Cloudflare.Http.Effect;

namespace GatewayOps.Cloudflare.Http;

/// <summary>Every operation that the client has, by area.</summary>
public static class Endpoints
{
    private const string Account = "accounts/{account}/";
    private const string AiGateway = Account + "ai-gateway/";
    private const string User = "";

    public static class Gateways
    {
        public static readonly Endpoint List = new("listGateways", Get, AiGateway, "gateways", None);
        public static readonly Endpoint Create = new("createGateway", Post, AiGateway, "gateways", Adds);
        public static readonly Endpoint Find = new("getGateway", Get, AiGateway, "gateways/{id}", None);
        public static readonly Endpoint Update = new("updateGateway", Put, AiGateway, "gateways/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteGateway", HttpMethod.Delete, AiGateway, "gateways/{id}", Idempotent);
        public static readonly Endpoint Url = new("getGatewayUrl", Get, AiGateway, "gateways/{id}/url/{id}", None);
    }

    public static class Logs
    {
        public static readonly Endpoint List = new("listLogs", Get, AiGateway, "gateways/{id}/logs", None);
        // With a limit, a second deletion takes the next rows.
        public static readonly Endpoint Delete = new("deleteLogs", HttpMethod.Delete, AiGateway, "gateways/{id}/logs", Adds);
        public static readonly Endpoint Find = new("getLog", Get, AiGateway, "gateways/{id}/logs/{id}", None);
        public static readonly Endpoint Update = new("patchLog", Patch, AiGateway, "gateways/{id}/logs/{id}", Idempotent);
        public static readonly Endpoint Request = new("getLogRequest", Get, AiGateway, "gateways/{id}/logs/{id}/request", None);
        public static readonly Endpoint Response = new("getLogResponse", Get, AiGateway, "gateways/{id}/logs/{id}/response", None);
    }

    public static class ProviderConfigs
    {
        public static readonly Endpoint List = new("listProviderConfigs", Get, AiGateway, "gateways/{id}/provider_configs", None);
        public static readonly Endpoint Create = new("createProviderConfig", Post, AiGateway, "gateways/{id}/provider_configs", Adds);
        public static readonly Endpoint Delete = new("deleteProviderConfig", HttpMethod.Delete, AiGateway, "gateways/{id}/provider_configs/{id}", Idempotent);
    }

    public static class CustomProviders
    {
        public static readonly Endpoint List = new("listCustomProviders", Get, AiGateway, "custom-providers", None);
        public static readonly Endpoint Create = new("createCustomProvider", Post, AiGateway, "custom-providers", Adds);
        public static readonly Endpoint Find = new("getCustomProvider", Get, AiGateway, "custom-providers/{id}", None);
        public static readonly Endpoint Update = new("patchCustomProvider", Patch, AiGateway, "custom-providers/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteCustomProvider", HttpMethod.Delete, AiGateway, "custom-providers/{id}", Idempotent);
    }

    public static class Routes
    {
        public static readonly Endpoint List = new("listRoutes", Get, AiGateway, "gateways/{id}/routes", None);
        public static readonly Endpoint Create = new("createRoute", Post, AiGateway, "gateways/{id}/routes", Adds);
        public static readonly Endpoint Find = new("getRoute", Get, AiGateway, "gateways/{id}/routes/{id}", None);
        public static readonly Endpoint Rename = new("renameRoute", Patch, AiGateway, "gateways/{id}/routes/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteRoute", HttpMethod.Delete, AiGateway, "gateways/{id}/routes/{id}", Idempotent);
        public static readonly Endpoint ListVersions = new("listRouteVersions", Get, AiGateway, "gateways/{id}/routes/{id}/versions", None);
        public static readonly Endpoint CreateVersion = new("createRouteVersion", Post, AiGateway, "gateways/{id}/routes/{id}/versions", Adds);
        public static readonly Endpoint FindVersion = new("getRouteVersion", Get, AiGateway, "gateways/{id}/routes/{id}/versions/{id}", None);
        public static readonly Endpoint ListDeployments = new("listRouteDeployments", Get, AiGateway, "gateways/{id}/routes/{id}/deployments", None);
        public static readonly Endpoint Deploy = new("deployRoute", Post, AiGateway, "gateways/{id}/routes/{id}/deployments", Adds);
    }

    public static class Datasets
    {
        public static readonly Endpoint List = new("listDatasets", Get, AiGateway, "gateways/{id}/datasets", None);
        public static readonly Endpoint Create = new("createDataset", Post, AiGateway, "gateways/{id}/datasets", Adds);
        public static readonly Endpoint Find = new("getDataset", Get, AiGateway, "gateways/{id}/datasets/{id}", None);
        public static readonly Endpoint Update = new("updateDataset", Put, AiGateway, "gateways/{id}/datasets/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteDataset", HttpMethod.Delete, AiGateway, "gateways/{id}/datasets/{id}", Idempotent);
    }

    public static class Evaluations
    {
        public static readonly Endpoint List = new("listEvaluations", Get, AiGateway, "gateways/{id}/evaluations", None);
        public static readonly Endpoint Create = new("createEvaluation", Post, AiGateway, "gateways/{id}/evaluations", Adds);
        public static readonly Endpoint Find = new("getEvaluation", Get, AiGateway, "gateways/{id}/evaluations/{id}", None);
        public static readonly Endpoint Delete = new("deleteEvaluation", HttpMethod.Delete, AiGateway, "gateways/{id}/evaluations/{id}", Idempotent);
        public static readonly Endpoint ListTypes = new("listEvaluationTypes", Get, AiGateway, "evaluation-types", None);
    }

    public static class Policies
    {
        public static readonly Endpoint List = new("listPolicies", Get, AiGateway, "gateways/{id}/policies", None);
        public static readonly Endpoint Create = new("createPolicy", Post, AiGateway, "gateways/{id}/policies", Adds);
        public static readonly Endpoint Find = new("getPolicy", Get, AiGateway, "gateways/{id}/policies/{id}", None);
        public static readonly Endpoint Update = new("updatePolicy", Put, AiGateway, "gateways/{id}/policies/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deletePolicy", HttpMethod.Delete, AiGateway, "gateways/{id}/policies/{id}", Idempotent);
        public static readonly Endpoint Commit = new("commitPolicies", Post, AiGateway, "gateways/{id}/policies/commit", Idempotent);
        public static readonly Endpoint Simulate = new("simulatePolicies", Post, AiGateway, "gateways/{id}/policies/simulate", None);
    }

    public static class Billing
    {
        public static readonly Endpoint CreditBalance = new("getCreditBalance", Get, AiGateway, "billing/credit-balance", None);
        public static readonly Endpoint InvoiceHistory = new("getInvoiceHistory", Get, AiGateway, "billing/invoice-history", None);
        public static readonly Endpoint InvoicePreview = new("getInvoicePreview", Get, AiGateway, "billing/invoice-preview", None);
        public static readonly Endpoint UsageHistory = new("getUsageHistory", Get, AiGateway, "billing/usage-history", None);
        public static readonly Endpoint SpendingLimit = new("getSpendingLimit", Get, AiGateway, "billing/spending-limit", None);
        public static readonly Endpoint SetSpendingLimit = new("createSpendingLimit", Post, AiGateway, "billing/spending-limit", Idempotent);
        public static readonly Endpoint DeleteSpendingLimit = new("deleteSpendingLimit", HttpMethod.Delete, AiGateway, "billing/spending-limit", Idempotent);
        public static readonly Endpoint TopUp = new("createTopup", Post, AiGateway, "billing/topup", Adds);
        public static readonly Endpoint TopUpStatus = new("getTopupStatus", Post, AiGateway, "billing/topup/status", None);
        public static readonly Endpoint TopUpConfig = new("getTopupConfig", Get, AiGateway, "billing/topup/config", None);
        public static readonly Endpoint SetTopUpConfig = new("setTopupConfig", Post, AiGateway, "billing/topup/config", Idempotent);
        public static readonly Endpoint DeleteTopUpConfig = new("deleteTopupConfig", HttpMethod.Delete, AiGateway, "billing/topup/config", Idempotent);
    }

    public static class Secrets
    {
        public static readonly Endpoint Quota = new("getSecretsQuota", Get, Account, "secrets_store/quota", None);
        public static readonly Endpoint ListStores = new("listStores", Get, Account, "secrets_store/stores", None);
        public static readonly Endpoint CreateStore = new("createStore", Post, Account, "secrets_store/stores", Adds);
        public static readonly Endpoint FindStore = new("getStore", Get, Account, "secrets_store/stores/{id}", None);
        public static readonly Endpoint DeleteStore = new("deleteStore", HttpMethod.Delete, Account, "secrets_store/stores/{id}", Idempotent);
        public static readonly Endpoint List = new("listSecrets", Get, Account, "secrets_store/stores/{id}/secrets", None);
        public static readonly Endpoint Create = new("createSecrets", Post, Account, "secrets_store/stores/{id}/secrets", Adds);
        public static readonly Endpoint DeleteAll = new("bulkDeleteSecrets", HttpMethod.Delete, Account, "secrets_store/stores/{id}/secrets", Idempotent);
        public static readonly Endpoint Find = new("getSecret", Get, Account, "secrets_store/stores/{id}/secrets/{id}", None);
        public static readonly Endpoint Update = new("editSecret", Patch, Account, "secrets_store/stores/{id}/secrets/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteSecret", HttpMethod.Delete, Account, "secrets_store/stores/{id}/secrets/{id}", Idempotent);
        public static readonly Endpoint Duplicate = new("duplicateSecret", Post, Account, "secrets_store/stores/{id}/secrets/{id}/duplicate", Adds);
    }

    /// <summary>Tokens that the account owns, and the same for a user's.</summary>
    public static class AccountTokens
    {
        public static readonly Endpoint List = new("listAccountTokens", Get, Account, "tokens", None);
        public static readonly Endpoint Create = new("createAccountToken", Post, Account, "tokens", Adds);
        public static readonly Endpoint Verify = new("verifyAccountToken", Get, Account, "tokens/verify", None);
        public static readonly Endpoint PermissionGroups = new("listAccountPermissionGroups", Get, Account, "tokens/permission_groups", None);
        public static readonly Endpoint Find = new("getAccountToken", Get, Account, "tokens/{id}", None);
        public static readonly Endpoint Update = new("updateAccountToken", Put, Account, "tokens/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteAccountToken", HttpMethod.Delete, Account, "tokens/{id}", Idempotent);
        // Each time a new value, and the last one counts: the right thing to do when an answer was lost.
        public static readonly Endpoint Roll = new("rollAccountToken", Put, Account, "tokens/{id}/value", Idempotent);
    }

    public static class UserTokens
    {
        public static readonly Endpoint List = new("listUserTokens", Get, User, "user/tokens", None);
        public static readonly Endpoint Create = new("createUserToken", Post, User, "user/tokens", Adds);
        public static readonly Endpoint Verify = new("verifyUserToken", Get, User, "user/tokens/verify", None);
        public static readonly Endpoint PermissionGroups = new("listUserPermissionGroups", Get, User, "user/tokens/permission_groups", None);
        public static readonly Endpoint Find = new("getUserToken", Get, User, "user/tokens/{id}", None);
        public static readonly Endpoint Update = new("updateUserToken", Put, User, "user/tokens/{id}", Idempotent);
        public static readonly Endpoint Delete = new("deleteUserToken", HttpMethod.Delete, User, "user/tokens/{id}", Idempotent);
        public static readonly Endpoint Roll = new("rollUserToken", Put, User, "user/tokens/{id}/value", Idempotent);
    }

    public static class Analytics
    {
        public static readonly Endpoint Query = new("graphql", Post, "", "graphql", None, Budget.GraphQl);
    }

    public static class Observability
    {
        public static readonly Endpoint Query = new("queryTelemetry", Post, Account, "workers/observability/telemetry/query", None);
    }

    public static class WorkersAi
    {
        public static readonly Endpoint Run = new("runModel", Post, Account, "ai/run/{model}", Adds, Budget.Inference);
        public static readonly Endpoint RunAny = new("runAnyModel", Post, Account, "ai/run", Adds, Budget.Inference);
        public static readonly Endpoint Queue = new("queueBatch", Post, Account, "ai/run/{model}", Adds, Budget.Inference);
        public static readonly Endpoint Poll = new("pollBatch", Post, Account, "ai/run/{model}", None, Budget.Inference);
        public static readonly Endpoint ChatCompletions = new("chatCompletions", Post, Account, "ai/v1/chat/completions", Adds, Budget.Inference);
        public static readonly Endpoint Embeddings = new("embeddings", Post, Account, "ai/v1/embeddings", Adds, Budget.Inference);
        public static readonly Endpoint Responses = new("responses", Post, Account, "ai/v1/responses", Adds, Budget.Inference);
        public static readonly Endpoint Messages = new("messages", Post, Account, "ai/v1/messages", Adds, Budget.Inference);
        public static readonly Endpoint Models = new("searchModels", Get, Account, "ai/models/search", None);
        public static readonly Endpoint Schema = new("getModelSchema", Get, Account, "ai/models/schema", None);
        public static readonly Endpoint Tasks = new("searchTasks", Get, Account, "ai/tasks/search", None);
        public static readonly Endpoint Authors = new("searchAuthors", Get, Account, "ai/authors/search", None);
    }

    /// <summary>All of the above: read from the classes themselves, so that none can be forgotten.</summary>
    public static IReadOnlyList<Endpoint> All { get; } =
        [.. typeof(Endpoints).GetNestedTypes().SelectMany(area => area.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(field => field.GetValue(null)).OfType<Endpoint>()];
}
