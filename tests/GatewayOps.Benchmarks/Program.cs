using GatewayOps.Benchmarks;
using GatewayOps.Benchmarks.Proxy;

// Roles of the proxy's benchmark, as processes of their own.
if (args is ["mock"])
{
    await Mock.RunAsync();
    return 0;
}

if (args is ["forwarder", var upstream])
{
    await Forwarder.RunAsync(new Uri(upstream));
    return 0;
}

// One row per benchmark; a name chooses it. They print what they measured and judge nothing but a missed target.
var benchmarks = new Dictionary<string, (string What, Func<Task<int>> RunAsync)>
{
    ["rules"] = ("compiling 10,000 rules and matching among 1,000, with allocations and memory", RulesBenchmark.RunAsync),
    ["reconcile"] = ("the calls of a pass over accounts of 20 gateways, the period that they allow, and planning 1,000 gateways", ReconciliationBenchmark.RunAsync),
    ["proxy"] = ("the proxy beside nginx and a bare Kestrel forwarder: throughput, CPU, latency, streams, memory, cold start", ProxyBenchmark.RunAsync),
    ["tokenizer"] = ("counting tokens: megabytes a second per kind of text, allocations, and what an encoding costs to read and keep", TokenizerBenchmark.RunAsync),
    ["scrape"] = ("a scrape of /metrics at 5,000 series: time, CPU and allocations, alone, 8 and 32 at once, with gzip", ScrapeBenchmark.RunAsync),
    ["client"] = ("the client library beside the bare OpenAI SDK: CPU of a call, and a stream of two million events", ClientBenchmark.RunAsync),
    ["data-plane"] = ("the emulator's data plane beside a bare Kestrel endpoint, in one run", DataPlaneBenchmark.RunAsync),
};

if (args is [var name] && benchmarks.TryGetValue(name, out var chosen))
    return await chosen.RunAsync();

Console.Error.WriteLine("usage: dotnet run -c Release --project tests/GatewayOps.Benchmarks -- NAME");
foreach (var (key, (what, _)) in benchmarks)
    Console.Error.WriteLine($"  {key,-12} {what}");
return 2;
