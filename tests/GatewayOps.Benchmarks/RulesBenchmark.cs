using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Rules;

namespace GatewayOps.Benchmarks;

/// <summary>
/// What a large rule set costs: reading and compiling 10,000 rules, matching one request among 1,000, and the memory that a replica holds. Several shapes, because an index that is fast
/// for one may be of no use for another. Times are medians of the processor time of this process, so that a busy machine is not measured with it.
/// </summary>
public static class RulesBenchmark
{
    private const double CompileTarget = 500; // ms for 10,000 rules
    private const double MatchTarget = 1000; // ns among 1,000 rules
    private const int RulesOfOneDocument = 5_000; // a document has 1 MiB
    private const int Rounds = 7;

    // By the number of the rule; each makes rules that do not tie.
    private static readonly (string Name, Func<int, JsonObject> Rule)[] Shapes =
    [
        ("exact models", n => Rule("/chat/completions", new() { ["model"] = $"model-{n}" })),
        ("models by prefix", n => Rule("/chat/completions", new() { ["model"] = $"vendor-{n}-*" })),
        ("models by suffix", n => Rule("/chat/completions", new() { ["model"] = $"*-tune-{n}" })),
        ("literal paths", n => Rule($"/team-{n}/chat/completions", [])),
        ("paths with spans", n => Rule($"/**/team-{n}/*", [])),
        ("keys", n => Rule("/chat/completions", new() { ["key"] = $"team-{n}" })),
        ("metadata", n => Rule("/chat/completions", new() { ["metadata"] = new JsonObject { ["team"] = $"team-{n / 10}", ["stage"] = $"stage-{n % 10}-*" } })),
        ("headers", n => Rule("/chat/*", new() { ["header"] = new JsonObject { ["x-app"] = $"app-{n}*z" }, ["model"] = "gpt-*" })),
        ("mixed", n => (n % 4) switch
        {
            0 => Rule("/chat/completions", new() { ["model"] = $"model-{n}", ["provider"] = "openai" }),
            1 => Rule("/chat/*", new() { ["model"] = $"vendor-{n}-*" }),
            2 => Rule($"/team-{n}/**", []),
            _ => Rule("/**", new() { ["model"] = $"model-{n}*", ["provider"] = "open*", ["method"] = "POST" }),
        }),
    ];

    public static Task<int> RunAsync()
    {
        var missed = false;
        Console.WriteLine($"processor time, medians of {Rounds} rounds; targets: compile {CompileTarget:0} ms, match {MatchTarget:0} ns and no allocation");
        Console.WriteLine($"{"",-18}{"read 10,000",13}{"compile",11}{"memory",10}{"match first",14}{"last",9}{"none",9}{"allocated",11}");
        foreach (var (name, rule) in Shapes)
        {
            var (read, compile, memory) = Compile(rule, 10_000);
            var (first, last, none, allocated) = Match(rule, 1_000);
            var isMissed = compile > CompileTarget || Math.Max(first, Math.Max(last, none)) > MatchTarget || allocated > 0;
            missed |= isMissed;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-18}{read,10:0} ms{compile,8:0} ms{memory,7:0.0} MB{first,11:0} ns{last,6:0} ns{none,6:0} ns{allocated,9} B{(isMissed ? "  MISSED" : "  ok")}"));
        }

        Console.WriteLine(missed ? "MISSED: see the rows above" : "every shape meets the targets");
        return Task.FromResult(missed ? 1 : 0);
    }

    private static (double Read, double Compile, double Megabytes) Compile(Func<int, JsonObject> rule, int count)
    {
        var documents = Documents(rule, count);
        var read = Median(() => Read(documents));
        var revisions = Read(documents);
        var compile = Median(() => Compiled(revisions));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var kept = Compiled(revisions);
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        return (read, compile, memory / 1e6);
    }

    private static (double First, double Last, double None, long Allocated) Match(Func<int, JsonObject> rule, int count)
    {
        var routes = Compiled(Read(Documents(rule, count))).Routes;
        var requests = Enumerable.Range(0, count).Select(n => RequestFor(rule(n))).ToList();
        if (requests.Exists(request => routes.Match(request).Rule is null))
            throw new InvalidOperationException("A request meets no rule: the benchmark would measure nothing.");
        var stranger = new RequestFacts("GET", "/nothing/of/this", "unheard-of", "groq");
        if (routes.Match(stranger).Rule is { } met)
            throw new InvalidOperationException($"The stranger meets {met}.");

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var request in requests)
            routes.Match(request);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return (Nanoseconds(routes, requests[0]), Nanoseconds(routes, requests[^1]), Nanoseconds(routes, stranger), allocated);
    }

    private static double Nanoseconds(RouteTable routes, RequestFacts request)
    {
        const int times = 200_000;
        return Median(() =>
        {
            for (var i = 0; i < times; i++)
                routes.Match(request);
            return routes;
        }) * 1e6 / times;
    }

    private static double Median(Func<object> work)
    {
        work(); // warm-up: JIT tiers
        return Enumerable.Range(0, Rounds).Select(_ =>
        {
            var before = Environment.CpuUsage.TotalTime;
            GC.KeepAlive(work());
            return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }).Order().ElementAt(Rounds / 2);
    }

    private static CompiledRuleSet Compiled(IReadOnlyList<Revision> revisions) => RuleSetCompiler.Compile("gateway", revisions) is { IsValid: true } compilation
        ? compilation.RuleSet
        : throw new InvalidOperationException("The rules do not compile.");

    private static IReadOnlyList<Revision> Read(IReadOnlyList<byte[]> documents) =>
        [.. documents.Select((document, at) => new Revision(new RevisionId($"set-{at}", 1), RuleSetHash.Of(document), RuleSetReader.Read(document).RuleSet ?? throw new InvalidOperationException("A document is not valid.")))];

    private static IReadOnlyList<byte[]> Documents(Func<int, JsonObject> rule, int count) =>
        [.. Enumerable.Range(0, count).Chunk(RulesOfOneDocument).Select(some => Encoding.UTF8.GetBytes(new JsonObject { ["rules"] = new JsonArray([.. some.Select(rule)]) }.ToJsonString()))];

    private static JsonObject Rule(string pattern, JsonObject match) =>
        new() { ["pattern"] = pattern, ["match"] = match, ["cache"] = new JsonObject { ["enabled"] = true, ["ttl"] = 300, ["key"] = new JsonArray("model", "messages") } };

    private static RequestFacts RequestFor(JsonObject rule)
    {
        var match = rule["match"]!;
        return new RequestFacts("POST", Value(rule["pattern"])!, Value(match["model"]) ?? "any", Value(match["provider"])) { Key = Value(match["key"]), Details = new Details(Values(match["metadata"]), Values(match["header"])) };
    }

    private static Dictionary<string, string> Values(JsonNode? conditions) => conditions?.AsObject().ToDictionary(condition => condition.Key, condition => Value(condition.Value)!) ?? [];

    // A value that the pattern matches.
    private static string? Value(JsonNode? pattern) => pattern?.GetValue<string>().Replace("**", "x", StringComparison.Ordinal).Replace("*", "x", StringComparison.Ordinal);

    private sealed class Details(Dictionary<string, string> metadata, Dictionary<string, string> headers) : IRequestDetails
    {
        public string? Metadata(string name) => metadata.GetValueOrDefault(name);

        public string? Header(string name) => headers.GetValueOrDefault(name);
    }
}
