using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator;

/// <summary>
/// What the contract leaves open: one property for each choice, whose default is the contract's suggestion or the stricter reading.
/// A test that needs the other reading sets it.
/// </summary>
public sealed record Assumptions
{
    /// <summary>HTTP status of 7003 and 7000: 404 or 400 (contract sections 1.3 and 18.1).</summary>
    public int UnroutedStatus { get; init; } = StatusCodes.Status404NotFound;

    /// <summary>HTTP status of a gateway that exists already (contract section 18.2).</summary>
    public int DuplicateGatewayStatus { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>A page or a page size out of range becomes the nearest one, instead of 400/7001 (contract section 18.6).</summary>
    public bool PagesAreClamped { get; init; }

    /// <summary>A PUT of a gateway may name some members alone and leaves the others as they are (contract section 2.1).</summary>
    public bool GatewayUpdatesMayBePartial { get; init; }

    /// <summary>Greatest `cache_ttl` of a gateway, in seconds: one month, as on the data plane (contract sections 2.1 and 18.5).</summary>
    public int LongestCacheTtl { get; init; } = 2_592_000;

    /// <summary>`log_management_strategy` of a gateway that does not say (contract section 2.1).</summary>
    public string DefaultLogStrategy { get; init; } = "STOP_INSERTING";

    /// <summary>Characters of `logpush_public_key` (contract section 2.1).</summary>
    public (int Least, int Most) LogpushKeyLength { get; init; } = (16, 1024);

    /// <summary>The log API answers of the account's logs. Otherwise they are in Workers Observability alone: lists are empty, no row is found (contract section 3).</summary>
    public bool LogsAreLegacy { get; init; } = true;

    /// <summary>Range of a log's `feedback` (contract section 3).</summary>
    public (double Least, double Most) FeedbackRange { get; init; } = (-1, 1);

    /// <summary>Range of a log's `score` (contract section 3).</summary>
    public (double Least, double Most) ScoreRange { get; init; } = (0, 100);

    /// <summary>`default_config` of a provider config is 0 or 1 in answers, not a boolean as documented (contract sections 4.1 and 18.10).</summary>
    public bool DefaultConfigIsNumber { get; init; } = true;

    /// <summary>HTTP status of 2001, a gateway that is not there (contract sections 13 and 18.3).</summary>
    public int MissingGatewayStatus { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>HTTP status where no provider answered in time (contract section 13).</summary>
    public int TimeoutStatus { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>Code where no provider answered in time (contract section 13).</summary>
    public int TimeoutCode { get; init; } = 2005;

    /// <summary>A universal request whose steps all fail is answered as its first step was, not its last (contract section 13).</summary>
    public bool FirstFailureAnswers { get; init; }

    /// <summary>`cf-aig-cache-status` where `cf-aig-skip-cache` went past the cache; null = no header (contract sections 12.2 and 18.4).</summary>
    public string? BypassedCacheStatus { get; init; }

    /// <summary>An answer that was stored under a `cf-aig-cache-key` also serves a request for a stream, as the plain answer that it is (contract section 14).</summary>
    public bool StoredAnswersServeStreams { get; init; }

    /// <summary>Routes may use the words of the older documents: `rate_limit` with `interval` and `technique`, `condition` (contract section 5.1).</summary>
    public bool OldRouteVocabulary { get; init; }

    /// <summary>Routes may leave out what the documents leave out and the types demand: `fallback` of a limit and a model, `outputs` of an end (contract section 5.1).</summary>
    public bool ShortRouteElements { get; init; }

    /// <summary>Operators of a route's conditions beyond the listed ones are let through, and never hold (contract section 5.1).</summary>
    public bool UnknownRouteOperators { get; init; }

    /// <summary>A graph that breaks a rule is kept as a version with `is_valid: false`, which serves nothing, instead of 400 (contract section 5.1, inferred rules).</summary>
    public bool KeepsInvalidRouteGraphs { get; init; }

    /// <summary>`version.active` is a text and `version.data` the text of a JSON array, as documented; seen live are a boolean and an array (contract section 5).</summary>
    public bool RouteVersionsAsDocumented { get; init; }

    /// <summary>GET of a route has `elements`, as documented; seen live it has none (contract section 18.9).</summary>
    public bool RouteGetHasElements { get; init; }

    /// <summary>How a route's limits count, whose elements do not say it (contract section 5.1).</summary>
    public RateLimitTechnique RouteLimitTechnique { get; init; } = RateLimitTechnique.Fixed;

    /// <summary>USD in one unit of a route's cost limit: dollars, or 0.01 for cents (contract section 5.1).</summary>
    public decimal RouteBudgetUnit { get; init; } = 1;

    /// <summary>A model of a dynamic route without a stored key is billed by Cloudflare; the documents ask for stored keys (contract section 5.2).</summary>
    public bool RoutesUseUnifiedBilling { get; init; }

    /// <summary>`dynamic/{name}` works on the REST surface too (contract section 5.2).</summary>
    public bool RoutesOnRestSurface { get; init; }

    /// <summary>HTTP status of 7005 "already exists": 400 or 409 (contract section 1.3).</summary>
    public int DuplicateRouteStatus { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>A name that is taken answers 500 with the database's own words, as a lost race does on the real service (contract section 1.3).</summary>
    public bool DuplicateRouteFailsInDatabase { get; init; }

    /// <summary>A custom provider has its times in unix seconds, with `account_id` and `account_tag`, as the documents show it; the types have texts (contract section 4.2).</summary>
    public bool CustomProvidersAsInTheDocuments { get; init; }

    /// <summary>The REST surface `/accounts/{id}/ai/…` asks for AI Gateway Run beside Workers AI Read; the documents disagree (contract section 11).</summary>
    public bool RestSurfaceNeedsAiGatewayRun { get; init; }

    /// <summary>Requests to `/ai/run` and `/ai/v1` count towards the 1200 in five minutes of the API; tasks alone may have 3000 in one (contract sections 1.4 and 16).</summary>
    public bool InferenceCountsAsApiRequests { get; init; }

    /// <summary>Code of a used-up daily allocation: 3036 in the documents, 4006 seen live (contract section 16).</summary>
    public int WorkersAiDailyLimitCode { get; init; } = 3036;

    /// <summary>Code of an input that does not fit the model's schema; the contract has none, 5006 was seen live (contract section 16).</summary>
    public int WorkersAiBadInputCode { get; init; } = 5006;

    /// <summary>Code of a task's requests per minute used up; the contract has limits and no code of their own (contract section 16).</summary>
    public int WorkersAiRateLimitCode { get; init; } = 3040;

    /// <summary>`pooling` beside shape and data of an embedding (contract section 16).</summary>
    public bool EmbeddingsNamePooling { get; init; } = true;

    /// <summary>What a poll of a batch says before it is taken up, and while it runs (contract section 16).</summary>
    public string BatchQueuedStatus { get; init; } = "queued";

    public string BatchRunningStatus { get; init; } = "running";

    /// <summary>Code of a refusal by the token API; the contract has one of token verify alone (contract sections 1.3 and 10).</summary>
    public int TokenErrorCode { get; init; } = 1001;

    /// <summary>An evaluation must have the types that are `mandatory` (contract section 6 does not say what the flag means).</summary>
    public bool EvaluationsNeedMandatoryTypes { get; init; }

    /// <summary>`status` of a result that is there; its description is "completed" (contract section 6 has neither's values).</summary>
    public int EvaluationResultStatus { get; init; } = 1;

    /// <summary>USD in one unit of a spend limit: dollars, or 0.01 for cents (contract section 2.1).</summary>
    public decimal SpendLimitUnit { get; init; } = 1;

    /// <summary>Spend limits count Workers AI calls that are billed later (contract section 2.1).</summary>
    public bool SpendLimitsCoverPostpaidWorkersAi { get; init; }

    /// <summary>A spend limit that is partitioned by metadata is not for calls without that metadata; otherwise they share one budget (contract section 2.1).</summary>
    public bool SpendPartitionNeedsValue { get; init; }

    /// <summary>HTTP status of 2016 and 2017 on the REST surface, as reported there; 424 on the gateway's own addresses (contract section 13).</summary>
    public int RestGuardrailStatus { get; init; } = StatusCodes.Status422UnprocessableEntity;

    /// <summary>HTTP status of 2029 and 2030, which is known from third parties alone (contract section 13).</summary>
    public int DlpBlockStatus { get; init; } = StatusCodes.Status424FailedDependency;

    /// <summary>HTTP status of an empty credit balance on the REST surface (contract section 13).</summary>
    public int RestBalanceStatus { get; init; } = StatusCodes.Status402PaymentRequired;

    /// <summary>Providers whose models Unified Billing offers, by their slugs (contract section 13 says that some are not offered, not which).</summary>
    public IReadOnlyList<string> UnifiedBillingProviders { get; init; } = ["openai", "anthropic", "google-ai-studio", "google-vertex-ai", "grok", "groq", "alibaba", "minimax"];

    /// <summary>HTTP status of 2047, a model that Unified Billing does not offer: one of the 4xx (contract section 13).</summary>
    public int NotOnUnifiedBillingStatus { get; init; } = StatusCodes.Status401Unauthorized;

    /// <summary>Code of an empty credit balance on the REST surface; 2021 on the gateway's own addresses (contract section 13).</summary>
    public int RestBalanceCode { get; init; } = 2049;

    /// <summary>What of an exported log is in the clear, beside the sealed metadata and bodies (contract section 14).</summary>
    public IReadOnlyList<string> LogpushFields { get; init; } = ["Cached", "Endpoint", "Gateway", "Model", "Provider", "RateLimited", "StatusCode", "Datetime"];

    /// <summary>`balance` of the credits is in dollars, not in cents as every other amount (contract section 8 does not say).</summary>
    public bool CreditBalanceInDollars { get; init; }

    /// <summary>Buying credits is refused to API tokens, as their configuration is (contract section 8 says it of the configuration).</summary>
    public bool TopupNeedsUser { get; init; }

    /// <summary>HTTP status of 1000 NO_MANUAL_TOPUP (contract section 1.3 has the code alone).</summary>
    public int NoManualTopupStatus { get; init; } = StatusCodes.Status400BadRequest;

    /// <summary>Usage history and invoice preview count every logged cost, not only what Unified Billing paid (contract section 8 does not say).</summary>
    public bool UsageOfEveryRequest { get; init; }
}
