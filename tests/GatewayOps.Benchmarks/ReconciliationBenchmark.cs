using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GatewayOps.Benchmarks;

/// <summary>
/// What reconciling costs at Cloudflare's limits: accounts of 20 gateways, each with 20 rules and 5 dynamic routes, one account after the other, each against an
/// emulator and a database of its own. Calls are counted by the emulator. `GATEWAYOPS_BENCHMARK_ACCOUNTS` is how many accounts (50).
/// </summary>
public static class ReconciliationBenchmark
{
    private const int Gateways = 20, Rules = 20, Routes = 5;
    private const int Planned = 1_000, Rounds = 7;
    private const double PlanTarget = 250; // ms of CPU for 1,000 gateways
    private const double MemoryTarget = 64; // MB that 1,000 plans and what they are made of may hold

    // Cloudflare contract, section 1.4.
    private const double BudgetPerSecond = 1200 / 300.0;

    public static async Task<int> RunAsync()
    {
        var accounts = int.TryParse(Environment.GetEnvironmentVariable("GATEWAYOPS_BENCHMARK_ACCOUNTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 50;
        Console.WriteLine($"{accounts} accounts of {Gateways} gateways, each with {Rules} rules and {Routes} dynamic routes");
        Console.WriteLine($"{"account",-9}{"first pass",12}{"no change",11}{"graphs",8}{"one route moved",17}{"its graphs",12}{"of others",11}");
        var passes = new List<Account>();
        var planning = (Same: default(Planning), Moved: default(Planning));
        for (var i = 1; i <= accounts; i++)
        {
            await using var cloudflare = await TestEmulator.StartAsync(new EmulatorOptions { MaxRecordedRequests = 5_000 });
            await using var database = await TestDatabase.CreateAsync();
            await FillAsync(cloudflare, database);
            await using var service = await StartAsync(cloudflare, database);
            var account = await PassesAsync(cloudflare, service);
            passes.Add(account);
            Console.WriteLine($"{i,-9}{account.First,12}{account.NoChange,11}{account.Graphs,8}{account.Moved,17}{account.MovedGraphs,12}{account.OtherGraphs,11}");
            if (i == accounts)
            {
                planning = await PlanAsync(service);
            }
        }

        var calls = passes.Max(account => account.NoChange);
        // A poll of a gateway without new rows is one call.
        var polling = Gateways / new IngestionOptions().Interval.TotalSeconds;
        var period = calls / (BudgetPerSecond - polling);
        var configured = new ReconciliationOptions().Interval.TotalSeconds;
        Console.WriteLine();
        return Verdicts(
            (string.Create(CultureInfo.InvariantCulture, $"a pass without a change is {calls} calls per account, {calls / (double)Gateways:0.#} per gateway: beside log polling ({polling:0.00} of {BudgetPerSecond:0} calls a second) a period of {period:0.0} s is possible, {configured:0} s is the default"), period <= configured),
            ("route graphs are read again only where the listed version changed", passes.TrueForAll(account => account is { Graphs: 0, MovedGraphs: > 0, OtherGraphs: 0 })),
            (planning.Same.ToString($"planning {Planned} gateways without a difference"), planning.Same.Milliseconds <= PlanTarget),
            (planning.Moved.ToString($"planning {Planned} gateways with every field and every route different"), planning.Moved.Milliseconds <= PlanTarget),
            (string.Create(CultureInfo.InvariantCulture, $"{Planned} plans with their desired and observed states hold {Math.Max(planning.Same.Megabytes, planning.Moved.Megabytes):0.0} MB (target {MemoryTarget:0} MB)"), Math.Max(planning.Same.Megabytes, planning.Moved.Megabytes) <= MemoryTarget));
    }

    private static int Verdicts(params ReadOnlySpan<(string What, bool IsMet)> verdicts)
    {
        var missed = 0;
        foreach (var (what, isMet) in verdicts)
        {
            Console.WriteLine($"{(isMet ? "ok    " : "MISSED")}  {what}");
            missed += isMet ? 0 : 1;
        }

        return missed == 0 ? 0 : 1;
    }

    /// <summary>Gateways, a rule set for all of them, and its execution by a service that then goes: the passes that are counted begin with nothing remembered.</summary>
    private static async Task FillAsync(TestEmulator cloudflare, TestDatabase database)
    {
        for (var i = 1; i <= Gateways; i++)
        {
            await cloudflare.CreateGatewayAsync($"gateway-{i:00}");
        }

        await using var service = await StartAsync(cloudflare, database);
        await PostAsync(service, "content?name=rules", Document());
        await PostAsync(service, "content/rules/execute", new JsonObject());
    }

    // An execute holds a session for each of its gateways; the pool of the tests is smaller than that of an installation (100).
    private static Task<TestService> StartAsync(TestEmulator cloudflare, TestDatabase database) => TestService.StartAsync(
        database, cloudflare, new Dictionary<string, string> { ["ConnectionStrings:GatewayOps"] = new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 64 }.ConnectionString });

    private static async Task<Account> PassesAsync(TestEmulator cloudflare, TestService service)
    {
        var first = await PassAsync(cloudflare, service);
        var second = await PassAsync(cloudflare, service);
        var moved = await MoveRouteAsync(cloudflare);
        var third = await PassAsync(cloudflare, service);
        return new Account(first.Count, second.Count, second.Count(IsGraph), third.Count, third.Count(path => IsGraph(path) && path.EndsWith(moved, StringComparison.Ordinal)), third.Count(path => IsGraph(path) && !path.EndsWith(moved, StringComparison.Ordinal)));
    }

    private static async Task<IReadOnlyList<string>> PassAsync(TestEmulator cloudflare, TestService service)
    {
        await cloudflare.Admin.DeleteAsync(new Uri("management/requests", UriKind.Relative));
        var runs = (await PostAsync(service, "reconcile", new JsonObject()))["runs"]!.AsArray();
        if (runs.Count != Gateways || runs.Any(run => run!["outcome"]!.GetValue<string>() != "succeeded"))
        {
            throw new InvalidOperationException($"A pass failed: {runs.ToJsonString()}");
        }

        return [.. (await cloudflare.ManagementRequestsAsync()).Select(request => $"{request.GetProperty("method").GetString()} {request.GetProperty("path").GetString()}")];
    }

    private static async Task<string> MoveRouteAsync(TestEmulator cloudflare)
    {
        const string Of = "ai-gateway/gateways/gateway-07/routes";
        var route = (await cloudflare.Management.GetFromJsonAsync<JsonElement>(Of)).GetProperty("data").GetProperty("routes")[0].GetProperty("id").GetString()!;
        var version = await SendAsync(cloudflare, $"{Of}/{route}/versions", new JsonObject { ["elements"] = Graph(1) });
        await SendAsync(cloudflare, $"{Of}/{route}/deployments", new JsonObject { ["version_id"] = version["result"]!["version_id"]!.GetValue<string>() });
        return route;
    }

    // The path of a route alone ends with its id; its versions and deployments go on.
    private static bool IsGraph(string path) => path.Split('/') is [.., "routes", _] && path.StartsWith("GET", StringComparison.Ordinal);

    private static async Task<(Planning Same, Planning Moved)> PlanAsync(TestService service)
    {
        var (desired, observer) = (service.Services.GetRequiredService<DesiredStates>(), service.Services.GetRequiredService<GatewayObserver>());
        var looks = new List<(DesiredState Desired, ObservedState Observed, Inventory Inventory)>();
        for (var i = 1; i <= Gateways; i++)
        {
            var reading = await desired.ActiveAsync($"gateway-{i:00}", CancellationToken.None);
            looks.Add((reading.Desired!, await observer.ObserveAsync($"gateway-{i:00}", reading, CancellationToken.None), reading.Inventory));
        }

        var other = FieldValue.Text("other");
        return (
            Measure([.. Enumerable.Range(0, Planned).Select(i => looks[i % Gateways])]),
            Measure([.. Enumerable.Range(0, Planned).Select(i => looks[i % Gateways]).Select(look => look with { Observed = look.Observed with { Routes = [], Fields = look.Observed.Fields!.ToDictionary(field => field.Key, _ => other) } })]));
    }

    private static Planning Measure(IReadOnlyList<(DesiredState Desired, ObservedState Observed, Inventory Inventory)> looks)
    {
        using var self = Process.GetCurrentProcess();
        var times = new List<double>();
        var plans = new List<Plan>();
        long allocated = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            plans = [];
            GC.Collect();
            var (cpu, bytes) = (self.TotalProcessorTime, GC.GetAllocatedBytesForCurrentThread());
            foreach (var (desired, observed, inventory) in looks)
            {
                plans.Add(Planner.Diff(desired, observed, inventory));
            }

            self.Refresh();
            times.Add((self.TotalProcessorTime - cpu).TotalMilliseconds);
            allocated = GC.GetAllocatedBytesForCurrentThread() - bytes;
        }

        var held = GC.GetTotalMemory(forceFullCollection: true);
        var (changes, median) = (plans.Sum(plan => plan.Actions.Count()), times.Skip(1).Order().ElementAt(Rounds / 2));
        plans.Clear();
        GC.KeepAlive(looks);
        return new Planning(median, allocated / 1e6, held / 1e6, changes);
    }

    private static JsonObject Document() => new()
    {
        ["gateways"] = new JsonArray([.. Enumerable.Range(1, Gateways).Select(i => (JsonNode)$"gateway-{i:00}")]),
        ["settings"] = new JsonObject { ["cache_ttl"] = 300, ["collect_logs"] = true, ["rate_limiting_limit"] = 100, ["rate_limiting_interval"] = 60, ["rate_limiting_technique"] = "sliding" },
        ["rules"] = new JsonArray([.. Enumerable.Range(1, Rules).Select(i => (JsonNode)new JsonObject
        {
            ["name"] = $"rule-{i}", ["pattern"] = "/chat/completions", ["match"] = new JsonObject { ["model"] = $"vendor-{i}-*" }, ["cache"] = new JsonObject { ["enabled"] = true, ["ttl"] = 60 },
        })]),
        ["routes"] = new JsonArray([.. Enumerable.Range(1, Routes).Select(i => (JsonNode)new JsonObject { ["name"] = $"route-{i}", ["elements"] = Graph(60_000 + i) })]),
    };

    private static JsonArray Graph(int timeout) => new(
        new JsonObject { ["id"] = "start", ["type"] = "start", ["outputs"] = new JsonObject { ["next"] = To("first") } },
        Model("first", timeout, "second"),
        Model("second", timeout, "end"),
        new JsonObject { ["id"] = "end", ["type"] = "end", ["outputs"] = new JsonObject() });

    private static JsonObject Model(string id, int timeout, string fallback) => new()
    {
        ["id"] = id,
        ["type"] = "model",
        ["properties"] = new JsonObject { ["provider"] = "openai", ["model"] = $"gpt-4o-{id}", ["timeout"] = timeout, ["retries"] = 1 },
        ["outputs"] = new JsonObject { ["success"] = To("end"), ["fallback"] = To(fallback) },
    };

    private static JsonObject To(string element) => new() { ["elementId"] = element };

    private static async Task<JsonNode> PostAsync(TestService service, string path, JsonObject body)
    {
        using var response = await service.Operator.PostAsJsonAsync(new Uri($"/api/v1/{path}", UriKind.Relative), body);
        return await ReadAsync(response);
    }

    private static async Task<JsonNode> SendAsync(TestEmulator cloudflare, string path, JsonObject body)
    {
        using var response = await cloudflare.Management.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await ReadAsync(response);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{response.RequestMessage?.RequestUri}: {(int)response.StatusCode} {text}");
    }

    /// <summary>Calls of the passes of one account; <paramref name="Graphs"/> are among those of the pass without a change.</summary>
    private sealed record Account(int First, int NoChange, int Graphs, int Moved, int MovedGraphs, int OtherGraphs);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Planning(double Milliseconds, double Allocated, double Megabytes, int Changes)
    {
        public string ToString(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}: {Milliseconds:0} ms of CPU (target {PlanTarget:0}), {Changes} changes, {Allocated:0.0} MB allocated");
    }
}
