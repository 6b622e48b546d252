namespace GatewayOps.Tests.Contract;

/// <summary>
/// Every UNCERTAIN mark of contract.md, and every member of the emulator's and the client's Assumptions, in the order of the contract. The guide
/// controlplane/docs/cloudflare-assumptions.md is written from it.
/// </summary>
internal static class AssumptionRegister
{
    public static IReadOnlyList<Assumption> All { get; } =
    [
        new("id of *Run* **[UNCERTAIN — resolve by name at run time]**", "An id made from the name, the same in every emulator.")
        {
            Emulator = ["Permission.AiGatewayRun"], Because = "whoever needs the group asks for its name",
        },
        new("404 or 400 [UNCERTAIN which] | 7003 + 7000", "404.")
        {
            Emulator = ["Assumptions.UnroutedStatus"], Client = ["ErrorMap.Find"],
        },
        new("404 (not found) / 400 or 409 (exists) [HTTP UNCERTAIN] | 7005", "400 where a route exists already; the text says which of both it is.")
        {
            Emulator = ["Assumptions.DuplicateRouteStatus"], Client = ["ErrorMap.Find"],
        },
        new("\"UNIQUE constraint failed: routes.name\"", "Only a race on the real service; the emulator is told to answer so.")
        {
            Emulator = ["Assumptions.DuplicateRouteFailsInDatabase"], Client = ["ErrorMap.Find"],
        },
        new("429 | [UNCERTAIN code – switch on the HTTP status]", "No code; the status alone says it.")
        {
            Emulator = ["Admission.TooMany"], Client = ["ErrorMap.Find"],
        },
        new("DISTILLED maps a create 504 to \"already exists\"", "A create of a gateway without an answer is looked up before it is reported.")
        {
            Client = ["Assumptions.GatewayMayExistAfterTimeout"],
        },
        new("so the grouping of values is ambiguous", "Filters go as one JSON array; the emulator takes both forms, and a key begins the next filter.")
        {
            Emulator = ["LogFilterReader.Read"], Client = ["Assumptions.FiltersAsJson"],
        },
        new("whether partial bodies are accepted is **[UNCERTAIN]**", "They are refused; the client sends every member.")
        {
            Emulator = ["Assumptions.GatewayUpdatesMayBePartial"], Client = ["GatewayClient.UpdateAsync"],
        },
        new("one month (2 592 000) **[UNCERTAIN for mgmt API]**", "More than a month is refused.")
        {
            Emulator = ["Assumptions.LongestCacheTtl"], Rules = ["SettingsShape.MonthInSeconds"],
        },
        new("default differs by observation **[UNCERTAIN]**", "STOP_INSERTING.")
        {
            Emulator = ["Assumptions.DefaultLogStrategy"],
        },
        new("(min/max length ≈16/1024 **[UNCERTAIN]**)", "16 to 1024 characters.")
        {
            Emulator = ["Assumptions.LogpushKeyLength"],
        },
        new("treat as **USD [UNCERTAIN]**", "USD.")
        {
            Emulator = ["Assumptions.SpendLimitUnit"],
        },
        new("effect on postpaid Workers AI **[UNCERTAIN]**", "None: such calls do not count.")
        {
            Emulator = ["Assumptions.SpendLimitsCoverPostpaidWorkersAi"],
        },
        new("No dimension = one shared bucket", "Calls without the metadata of a partition share one budget too.")
        {
            Emulator = ["Assumptions.SpendPartitionNeedsValue"],
        },
        new("Whether the endpoints below answer empty or error there is **[UNCERTAIN]** (emulator: legacy behaviour)", "Accounts have legacy logs.")
        {
            Emulator = ["Assumptions.LogsAreLegacy"], Client = ["Assumptions.TelemetryDatasets"],
        },
        new("feedback −1/1 (0 = none?), score 0–100 **[UNCERTAIN]**", "Feedback -1 to 1, score 0 to 100.")
        {
            Emulator = ["Assumptions.FeedbackRange", "Assumptions.ScoreRange"],
        },
        new("A new secret is `pending` for a moment", "Ten seconds at most: so long the client tries again.")
        {
            Emulator = ["EmulatorOptions.SecretActivationDelay"], Client = ["Assumptions.SecretActivation"],
        },
        new("unix ints + account_id/account_tag → accept both **[UNCERTAIN]**", "Texts, without the account.")
        {
            Emulator = ["Assumptions.CustomProvidersAsInTheDocuments"],
        },
        new("live gives bool and an array **[LIVE]**", "A boolean and an array.")
        {
            Emulator = ["Assumptions.RouteVersionsAsDocumented"],
        },
        new("every edge resolvable, acyclic are **[inferred]** rules", "A graph that breaks one is refused.")
        {
            Emulator = ["Assumptions.KeepsInvalidRouteGraphs"],
        },
        new("`fallback` on rate and model is *optional* in the docs", "Required in a request; one that was not there is written back as an edge to the first `end`.")
        {
            Emulator = ["Assumptions.ShortRouteElements"], Client = ["Assumptions.FallbackLeadsToEnd"],
        },
        new("$not $exists` **[UNCERTAIN list]**", "These operators and no others.")
        {
            Emulator = ["Assumptions.UnknownRouteOperators"],
        },
        new("body/header fields **[UNCERTAIN]**", "Absent: no condition on them holds but those for absent fields.")
        {
            Emulator = ["RouteFields.Find"],
        },
        new("`limit` in USD **[UNCERTAIN]**", "USD.")
        {
            Emulator = ["Assumptions.RouteBudgetUnit"],
        },
        new("whether the old one is still accepted is **[UNCERTAIN]**", "It is refused.")
        {
            Emulator = ["Assumptions.OldRouteVocabulary"],
        },
        new("so window type is not selectable there", "Fixed windows.")
        {
            Emulator = ["Assumptions.RouteLimitTechnique"],
        },
        new("Docs require authentication on and BYOK keys", "A model without a stored key is refused.")
        {
            Emulator = ["Assumptions.RoutesUseUnifiedBilling"],
        },
        new("showed it with `cf-aig-gateway-id` → **[UNCERTAIN]**", "Dynamic routes are not on the REST surface.")
        {
            Emulator = ["Assumptions.RoutesOnRestSurface"],
        },
        new("result (string), status (number), status_description", "Status 1, \"completed\".")
        {
            Emulator = ["Assumptions.EvaluationResultStatus"],
        },
        new("{id,name,type,description,enable,mandatory,created_at,modified_at}", "`mandatory` obliges nobody.")
        {
            Emulator = ["Assumptions.EvaluationsNeedMandatoryTypes"],
        },
        new("`NO_MANUAL_TOPUP` on topup config/status paths", "400.") { Emulator = ["Assumptions.NoManualTopupStatus"], Client = ["ErrorMap.Find"] },
        new("{balance, has_default_payment_method", "`balance` is in cents, as the other amounts are.") { Emulator = ["Assumptions.CreditBalanceInDollars"] },
        new("(writes refused for API tokens **[LIVE 403]**)", "The configuration alone is refused: an API token may buy credits.") { Emulator = ["Assumptions.TopupNeedsUser"] },
        new("usage-history GET ?value_grouping_window=day|hour", "What Unified Billing paid; other costs are not counted.") { Emulator = ["Assumptions.UsageOfEveryRequest"] },
        new("token verify without a usable token", "Other refusals of the token API have this code too.")
        {
            Emulator = ["Assumptions.TokenErrorCode"],
        },
        new("another page asks for AI Gateway permission (+ Workers AI) → grant both **[UNCERTAIN]**", "Workers AI Read is enough.")
        {
            Emulator = ["Assumptions.RestSurfaceNeedsAiGatewayRun"],
        },
        new("both **[UNCERTAIN which is required]**", "Both: the path behind the slug passes as it is, the unified chat goes to `v1/chat/completions`.")
        {
            Emulator = ["GatewayProvider.Table"],
        },
        new("| baseten, parallel | no prefix rule in the library | native path **[UNCERTAIN]**", "The path behind the slug passes as it is.")
        {
            Emulator = ["GatewayProvider.Table"],
        },
        new("| adobe-firefly | docs page exists | native path **[UNCERTAIN]**", "The path behind the slug passes as it is.")
        {
            Emulator = ["GatewayProvider.Table"],
        },
        new("(absent or other value when bypassed **[UNCERTAIN]**; header absent if caching off)", "Absent.")
        {
            Emulator = ["Assumptions.BypassedCacheStatus"],
        },
        new("| 5xx/400 [UNCERTAIN] | 2002 |", "Not answered.")
        {
            Because = "a simulated provider writes no output that cannot be parsed, and a caller of the gateway sees any status",
        },
        new("the /ai/run surface reported 422", "422 on the REST surface.")
        {
            Emulator = ["Assumptions.RestGuardrailStatus"],
        },
        new("(docs give codes, HTTP status third-party)", "424.")
        {
            Emulator = ["Assumptions.DlpBlockStatus"],
        },
        new("| 4xx [UNCERTAIN] | 2047 |", "401, for providers that are not in a list.")
        {
            Emulator = ["Assumptions.NotOnUnifiedBillingStatus", "Assumptions.UnifiedBillingProviders"],
        },
        new("| 402 [UNCERTAIN] | 2049 |", "402 with 2049 on the REST surface.")
        {
            Emulator = ["Assumptions.RestBalanceStatus", "Assumptions.RestBalanceCode"],
        },
        new("with no fallback: status/code **[UNCERTAIN]**; emulator suggestion: HTTP 400 code 2005", "400 with 2005.")
        {
            Emulator = ["Assumptions.TimeoutStatus", "Assumptions.TimeoutCode"],
        },
        new("the last step's response is returned **[UNCERTAIN]**", "The last one's.")
        {
            Emulator = ["Assumptions.FirstFailureAnswers"],
        },
        new("**[UNCERTAIN whether a stored non-stream answer serves a stream]**", "It does not.")
        {
            Emulator = ["Assumptions.StoredAnswersServeStreams"],
        },
        new("RateLimited, StatusCode, Datetime **[UNCERTAIN list]**", "These are in the clear.")
        {
            Emulator = ["Assumptions.LogpushFields"],
        },
        new("completeness **[UNCERTAIN]** → introspect at run time", "The dimensions of the contract, and introspection that tells them.")
        {
            Emulator = ["Datasets.Requests"],
        },
        new("Filter input type `AccountAiGatewayRequestsAdaptiveGroupsFilter_InputObject`", "The other datasets name theirs in the same way.")
        {
            Client = ["Assumptions.FilterTypeOf"],
        },
        new("Embedding: result {shape, data, pooling? [UNCERTAIN]}", "It is there.")
        {
            Emulator = ["Assumptions.EmbeddingsNamePooling"],
        },
        new("429: 3036 daily 10 000 free neurons used", "3036; live, 4006 was seen.")
        {
            Emulator = ["Assumptions.WorkersAiDailyLimitCode"],
        },
        new("- Errors: 400: 5007 no such model, 5004, 3039, 3003;", "5006 where the input does not fit the model.")
        {
            Emulator = ["Assumptions.WorkersAiBadInputCode"],
        },
        new("- Rate limits/min: text generation 300", "3040 beyond them; they do not count towards the API's 1200 in five minutes.")
        {
            Emulator = ["Assumptions.WorkersAiRateLimitCode", "Assumptions.InferenceCountsAsApiRequests"],
        },
        new("{status queued|running} (**[UNCERTAIN strings]**)", "`queued` and `running` mean not yet done.")
        {
            Emulator = ["Assumptions.BatchQueuedStatus", "Assumptions.BatchRunningStatus"], Client = ["Assumptions.BatchPending"],
        },
        new("1. 7000+7003 → HTTP 404.", "404.") { Emulator = ["Assumptions.UnroutedStatus"] },
        new("2. duplicate gateway → 400/7001 \"already exists\".", "400.") { Emulator = ["Assumptions.DuplicateGatewayStatus"], Client = ["ErrorMap.Find"] },
        new("3. unknown gateway on data plane → 400/2001.", "400.") { Emulator = ["Assumptions.MissingGatewayStatus"] },
        new("4. bypassed cache → no cf-aig-cache-status.", "None.") { Emulator = ["Assumptions.BypassedCacheStatus"] },
        new("5. cache_ttl > 2 592 000 → 400/7001.", "Refused.") { Emulator = ["Assumptions.LongestCacheTtl"] },
        new("6. per_page out of range → 400/7001 with `path:[\"query\",\"per_page\"]`.", "Refused.") { Emulator = ["Assumptions.PagesAreClamped"] },
        new("7. logs visible after a configurable delay", "At once; 45 s with --faithful.") { Emulator = ["EmulatorOptions.LogVisibilityDelay"] },
        new("8. provider-config secret activation delay configurable.", "None; 3 s with --faithful.") { Emulator = ["EmulatorOptions.SecretActivationDelay"] },
        new("9. route GET without `elements`.", "Without.") { Emulator = ["Assumptions.RouteGetHasElements"] },
        new("10. `default_config` emitted as 0/1. All ten are **[UNCERTAIN]/inference** choices.", "0 or 1.") { Emulator = ["Assumptions.DefaultConfigIsNumber"] },
    ];
}
