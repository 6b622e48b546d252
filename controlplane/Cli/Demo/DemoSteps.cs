using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.Dev;
using GatewayOps.Cli.Output;

namespace GatewayOps.Cli.Demo;

/// <summary>The main job from nothing, in order. Every figure is read back through a public endpoint.</summary>
public static class DemoSteps
{
    private const string Gateway = StartCommand.DefaultGateway;
    private const string RuleSet = "production-rules";
    private const string Repeated = "What is an AI gateway?";
    private const int BurstLimit = 2;

    private static readonly JsonObject Down = new() { ["status"] = 503 };

    public static readonly IReadOnlyList<DemoStep> All =
    [
        new("gateway", "provision a gateway with stored keys", ProvisionAsync, (world, ct) => RefuseAsync(world, "POST", "**/ai-gateway/gateways", ct)),
        new("rules", "add, plan and execute a rule set", ExecuteAsync, (world, ct) => RefuseAsync(world, "PUT", "**/ai-gateway/gateways/*", ct)),
        new("plain", "chat through the proxy", PlainAsync, ProvidersDownAsync),
        new("streamed", "stream through the proxy", StreamedAsync, CutStreamsAsync),
        new("cached", "answer a repeated request from the cache", CachedAsync, (world, ct) => world.FaultAsync("openai", new JsonObject { ["status"] = 400 }, ct)),
        new("failover", "fail over to the second provider", FailoverAsync, ProvidersDownAsync),
        new("limited", "limit the rate, then roll back", LimitedAsync, (world, ct) => RefuseAsync(world, "PUT", "**/ai-gateway/gateways/*", ct)),
        new("logs", "poll the gateway's logs", LogsAsync, (world, ct) => RefuseAsync(world, "GET", "**/logs", ct)),
        new("drift", "find and repair a change behind our back", DriftAsync, (world, ct) => RefuseAsync(world, "PUT", "**/ai-gateway/gateways/*", ct)),
        new("usage", "account for requests, tokens and cost", UsageAsync, (world, ct) => SpoilUsageAsync(world, ct)),
        new("metrics", "scrape the metrics", MetricsAsync, (world, ct) => SpoilUsageAsync(world, ct)),
    ];

    private static async Task<IReadOnlyList<Figure>> ProvisionAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await Seeding.GatewayAsync(world.Api, cancellationToken);
        await Seeding.KeyAsync(world.Api, "openai", cancellationToken);
        await Seeding.KeyAsync(world.Api, "openrouter", cancellationToken);
        var gateway = await world.Api.GetAsync($"/api/v1/gateways/{Gateway}", cancellationToken);
        DemoException.Unless(gateway["exists"]?.GetValue<bool>() == true, $"gateway {Gateway} does not exist after it was created");
        var keys = await world.Api.GetAsync("/api/v1/provider-keys", cancellationToken);
        var linked = (await world.CloudflareAsync(HttpMethod.Get, $"/gateways/{Gateway}", body: null, cancellationToken))["store_id"];
        DemoException.Unless(linked is JsonValue id && id.GetValue<string>().Length > 0, "the gateway has no secrets store although keys were put");
        return [new("stored provider keys", $"{keys["keys"]!.AsArray().Count}", "GET /api/v1/provider-keys")];
    }

    private static async Task<IReadOnlyList<Figure>> ExecuteAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.Api.PostAsync($"/api/v1/content?name={RuleSet}", Samples.ProductionRules(), cancellationToken);
        var plan = await world.Api.PostAsync($"/api/v1/content/{RuleSet}/plan", new JsonObject(), cancellationToken);
        DemoException.Unless(PlanPrinter.HasChanges(plan), "the first plan is empty");
        await RunAsync(world, "execute", new JsonObject { ["planHash"] = plan["hash"]!.GetValue<string>() }, cancellationToken);
        var again = await world.Api.PostAsync($"/api/v1/content/{RuleSet}/plan", new JsonObject(), cancellationToken);
        DemoException.Unless(!PlanPrinter.HasChanges(again), $"the plan is not empty after execute: {again.ToJsonString()}");
        var gateway = await LoadedAsync(world, $"{RuleSet}@1", cancellationToken);
        return
        [
            new("changes applied", $"{Changes(plan)}", $"POST /api/v1/content/{RuleSet}/plan"),
            new("revision applied", Cell.Text(gateway["applied"]), $"GET /api/v1/gateways/{Gateway}"),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> PlainAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var answer = await world.ChatAsync(Repeated, stream: false, cancellationToken);
        DemoException.Unless(answer.Status == 200, $"the proxy answered {answer.Status}: {answer.Body}");
        var text = JsonNode.Parse(answer.Body)?["choices"]?[0]?["message"]?["content"]?.GetValue<string>();
        DemoException.Unless(!string.IsNullOrEmpty(text), $"the answer has no text: {answer.Body}");
        DemoException.Unless(answer.Provider == "openai", $"answered by `{answer.Provider}`, not by the first provider");
        return [];
    }

    private static async Task<IReadOnlyList<Figure>> StreamedAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var answer = await world.ChatAsync("Tell me a short story.", stream: true, cancellationToken);
        DemoException.Unless(answer.Status == 200, $"the proxy answered {answer.Status}: {answer.Body}");
        DemoException.Unless(answer.Body.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal), $"the stream did not end with [DONE]: {answer.Body[Math.Max(0, answer.Body.Length - 300)..]}");
        return [];
    }

    private static async Task<IReadOnlyList<Figure>> CachedAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        // A prompt of its own, so that this step stands and falls by itself: the first request fills the cache, the second is answered from it.
        const string prompt = "Say this twice.";
        var first = await world.ChatAsync(prompt, stream: false, cancellationToken);
        DemoException.Unless(first.Status == 200, $"the proxy answered {first.Status}: {first.Body}");
        var before = await world.ReceivedAsync("openai", cancellationToken);
        var answer = await world.ChatAsync(prompt, stream: false, cancellationToken);
        var after = await world.ReceivedAsync("openai", cancellationToken);
        DemoException.Unless(answer.Cache == "hit", $"the repeated request was a `{answer.Cache}`");
        DemoException.Unless(after == before, "the provider was called again for a repeated request");
        return [];
    }

    private static async Task<IReadOnlyList<Figure>> FailoverAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.FaultAsync("openai", (JsonObject)Down.DeepClone(), cancellationToken);
        var answer = await world.ChatAsync("Who answers when the first provider is down?", stream: false, cancellationToken);
        await world.HealAsync("openai", cancellationToken);
        DemoException.Unless(answer.Status == 200, $"the proxy answered {answer.Status}: {answer.Body}");
        DemoException.Unless(answer.Provider == "openrouter", $"answered by `{answer.Provider}`, not by the second provider");
        return [new("answered by", answer.Provider, "POST /v1/chat/completions (x-gatewayops-provider)")];
    }

    private static async Task<IReadOnlyList<Figure>> LimitedAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var strict = JsonNode.Parse(Samples.ProductionRules())!;
        strict["settings"]!["rate_limiting_limit"] = BurstLimit;
        strict["settings"]!["rate_limiting_technique"] = "sliding";
        await world.Api.PostAsync($"/api/v1/content?name={RuleSet}", strict.AsObject(), cancellationToken);
        await RunAsync(world, "execute", new JsonObject { ["revision"] = 2 }, cancellationToken);
        await world.AdvanceClockAsync(120, cancellationToken); // what was sent before is out of the window
        var limited = 0;
        for (var i = 0; i < BurstLimit + 2; i++)
        {
            var answer = await world.ChatAsync($"Burst request {i}", stream: false, cancellationToken);
            limited += answer.Status == 429 ? 1 : 0;
        }

        await RunAsync(world, "rollback", new JsonObject { ["revision"] = 1 }, cancellationToken);
        var after = await LoadedAsync(world, $"{RuleSet}@1", cancellationToken);
        DemoException.Unless(limited > 0, $"{BurstLimit + 2} requests passed a limit of {BurstLimit} a minute");
        return [new("revision after rollback", Cell.Text(after["applied"]), $"GET /api/v1/gateways/{Gateway}")];
    }

    private static async Task<IReadOnlyList<Figure>> LogsAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var logged = (await world.CloudflareLogsAsync(Gateway, cancellationToken)).Count;
        DemoException.Unless(logged > 0, "the gateway has no log rows");
        var polled = await DemoWorld.EventuallyAsync(
            async ct => (await Pages.AllAsync(world.Api, $"/api/v1/logs?gateway={Gateway}&limit=200", "logs", ct))["logs"]!.AsArray().Count,
            count => count == logged,
            count => $"{count} of {logged} log rows were polled",
            cancellationToken);
        return [new("log rows polled", $"{polled}", "GET /api/v1/logs")];
    }

    private static async Task<IReadOnlyList<Figure>> DriftAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var seen = (await world.Api.GetAsync("/api/v1/runs?limit=1", cancellationToken))["runs"]![0]!["startedAt"]!.GetValue<string>();
        var gateway = await world.CloudflareAsync(HttpMethod.Get, $"/gateways/{Gateway}", body: null, cancellationToken);
        var original = gateway["cache_ttl"]!.GetValue<int>();
        gateway["cache_ttl"] = original + 42;
        await world.CloudflareAsync(HttpMethod.Put, $"/gateways/{Gateway}", gateway, cancellationToken);

        var run = await DemoWorld.EventuallyAsync(
            async ct => ((await world.Api.GetAsync($"/api/v1/runs?gateway={Gateway}&limit=20", ct))["runs"] as JsonArray ?? [])
                .OfType<JsonNode>()
                .FirstOrDefault(run => Cell.Text(run["trigger"]) == "interval" && Cell.Text(run["outcome"]) == "succeeded" && string.CompareOrdinal(Cell.Text(run["startedAt"]), seen) > 0 && run["changes"]!.AsArray().Count > 0),
            run => run is not null,
            _ => "no interval run found and repaired the drift",
            cancellationToken);
        var repaired = await world.CloudflareAsync(HttpMethod.Get, $"/gateways/{Gateway}", body: null, cancellationToken);
        DemoException.Unless(repaired["cache_ttl"]!.GetValue<int>() == original, $"cache_ttl is {repaired["cache_ttl"]}, not {original}");
        var now = await world.Api.GetAsync($"/api/v1/gateways/{Gateway}/drift", cancellationToken);
        DemoException.Unless(now["drifted"]?.GetValue<bool>() == false, $"still drifted: {now.ToJsonString()}");
        return
        [
            new("drift found", $"{run!["changes"]!.AsArray().Count}", "GET /api/v1/runs"),
            new("drift left", $"{now["changes"]!.AsArray().Count}", $"GET /api/v1/gateways/{Gateway}/drift"),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> UsageAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var total = await DemoWorld.EventuallyAsync(
            async ct => (await world.Api.GetAsync("/api/v1/usage?by=provider", ct))["total"]!,
            seen => seen["requests"]!.GetValue<long>() == world.Sent,
            seen => $"{seen["requests"]} of {world.Sent} requests are accounted for",
            cancellationToken);
        DemoException.Unless(total["tokensOut"]!.GetValue<long>() > 0, "no tokens were counted");
        DemoException.Unless(total["cacheHits"]!.GetValue<long>() > 0, "no cache hit was counted");
        DemoException.Unless(total["costUsd"]!.GetValue<decimal>() > 0, "no cost was computed");
        const string source = "GET /api/v1/usage";
        return
        [
            new("requests", Cell.Text(total["requests"]), source),
            new("cache hits", Cell.Text(total["cacheHits"]), source),
            new("fallbacks", Cell.Text(total["fallbacks"]), source),
            new("rate limited", Cell.Text(total["rateLimited"]), source),
            new("tokens in", Cell.Text(total["tokensIn"]), source),
            new("tokens out", Cell.Text(total["tokensOut"]), source),
            new("cost in USD", Cell.Text(total["costUsd"]), source),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> MetricsAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var text = await world.Api.GetTextAsync("/metrics", cancellationToken);
        var samples = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToList();
        var requests = Sum(samples, "gatewayops_proxy_requests_total");
        DemoException.Unless(requests == world.Sent, $"gatewayops_proxy_requests_total says {requests}, {world.Sent} were sent");
        DemoException.Unless(Sum(samples, "gatewayops_poll_records_total") > 0, "gatewayops_poll_records_total is zero");
        return [new("series scraped", samples.Count.ToString(CultureInfo.InvariantCulture), "GET /metrics"), new("requests by metric", $"{requests}", "GET /metrics")];
    }

    private static double Sum(IEnumerable<string> samples, string family) => samples
        .Where(line => line.StartsWith(family + '{', StringComparison.Ordinal) || line.StartsWith(family + ' ', StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static async Task RunAsync(DemoWorld world, string verb, JsonObject body, CancellationToken cancellationToken)
    {
        var answer = await world.Api.PostAsync($"/api/v1/content/{RuleSet}/{verb}", body, cancellationToken);
        DemoException.Unless(Cell.Text(answer["outcome"]) == "succeeded", $"{verb}: {answer.ToJsonString()}");
    }

    private static Task<JsonNode> LoadedAsync(DemoWorld world, string revision, CancellationToken cancellationToken) => DemoWorld.EventuallyAsync(
        ct => world.Api.GetAsync($"/api/v1/gateways/{Gateway}", ct),
        gateway => Cell.Text(gateway["loaded"]) == revision && Cell.Text(gateway["applied"]) == revision,
        gateway => $"applied {Cell.Text(gateway["applied"])}, loaded {Cell.Text(gateway["loaded"])}, expected {revision}",
        cancellationToken);

    private static int Changes(JsonNode plan) => plan["gateways"]!.AsArray().Sum(gateway => gateway!["changes"]!.AsArray().Count);

    // Permanent refusals rather than faults that a retry outlives.
    private static Task RefuseAsync(DemoWorld world, string method, string path, CancellationToken cancellationToken) =>
        world.ManagementFaultAsync(new JsonObject { ["path"] = path, ["method"] = method, ["status"] = 403, ["times"] = 1000 }, cancellationToken);

    private static async Task ProvidersDownAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.FaultAsync("openai", (JsonObject)Down.DeepClone(), cancellationToken);
        await world.FaultAsync("openrouter", (JsonObject)Down.DeepClone(), cancellationToken);
    }

    private static async Task CutStreamsAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.FaultAsync("openai", new JsonObject { ["cutAfterEvents"] = 2 }, cancellationToken);
        await world.FaultAsync("openrouter", new JsonObject { ["cutAfterEvents"] = 2 }, cancellationToken);
    }

    // A request that the demo did not count: the books no longer agree.
    private static async Task SpoilUsageAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = world.Environment.ServiceUrl };
        using var content = new StringContent("""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"uncounted"}]}""", System.Text.Encoding.UTF8, "application/json");
        if (world.Environment.ProxyToken is { } token)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        using var response = await http.PostAsync("/v1/chat/completions", content, cancellationToken);
        // Records are written in batches: the step must not look before this one is there.
        await DemoWorld.EventuallyAsync(
            async ct => (await world.Api.GetAsync("/api/v1/usage?by=provider", ct))["total"]!["requests"]!.GetValue<long>(),
            requests => requests > world.Sent,
            requests => $"the uncounted request was not recorded: {requests}",
            cancellationToken);
    }
}
