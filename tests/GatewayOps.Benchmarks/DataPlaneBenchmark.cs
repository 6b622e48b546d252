using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using GatewayOps.Emulator;

namespace GatewayOps.Benchmarks;

/// <summary>
/// How many chat requests the emulator's data plane answers, beside a bare Kestrel endpoint that moves the same bytes. Rounds alternate in one process on the
/// same cores, so that the ratio holds where the figures do not.
/// </summary>
public static class DataPlaneBenchmark
{
    /// <summary>Requests in a second for plain chat: the emulator must never be the bottleneck of a proxy's benchmark.</summary>
    private const double Target = 10_000;

    private const int Connections = 32;
    private const int Rounds = 5;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync()
    {
        await using var emulator = EmulatorHost.Build(new EmulatorOptions { Url = "http://127.0.0.1:0" });
        await emulator.StartAsync();
        var address = new Uri(emulator.Urls.First());
        await CreateGatewayAsync(address, "logged", cacheTtl: 0, collectLogs: true);
        await CreateGatewayAsync(address, "unlogged", cacheTtl: 0, collectLogs: false);
        await CreateGatewayAsync(address, "cached", cacheTtl: 3600, collectLogs: false);

        var answer = await AnswerAsync(address);
        await using var bare = await BareServer.StartAsync(answer);
        var bareAddress = new Uri(bare.Urls.First());
        (string Name, Uri Server, byte[] Request)[] cases =
        [
            ("bare Kestrel", bareAddress, Request(bareAddress, "logged", stream: false)),
            ("plain", address, Request(address, "unlogged", stream: false)),
            ("plain, logged", address, Request(address, "logged", stream: false)),
            ("plain, cached", address, Request(address, "cached", stream: false)),
            ("streamed", address, Request(address, "unlogged", stream: true)),
        ];

        var runs = cases.ToDictionary(one => one.Name, _ => new List<LoadRun>());
        foreach (var one in cases)
            await LoadRun.OfAsync(one.Server, one.Request, Connections, Round); // warm-up: JIT tiers
        for (var round = 0; round < Rounds; round++)
            foreach (var one in cases)
                runs[one.Name].Add(await LoadRun.OfAsync(one.Server, one.Request, Connections, Round));

        return Print(runs, answer.Length);
    }

    private static int Print(Dictionary<string, List<LoadRun>> runs, int answerBytes)
    {
        var bare = Median(runs["bare Kestrel"], run => run.PerSecond);
        Console.WriteLine($"{Environment.ProcessorCount} cores shared with the client, {Connections} connections, {Rounds} rounds of {Round.TotalSeconds:0} s each, answers of {answerBytes} bytes; medians");
        Console.WriteLine($"{"",-16}{"requests/s",12}{"of bare",10}{"p50 ms",9}{"p99 ms",9}");
        foreach (var (name, list) in runs)
        {
            var perSecond = Median(list, run => run.PerSecond);
            Console.WriteLine($"{name,-16}{perSecond,12:N0}{perSecond / bare,10:P0}{Median(list, run => run.Median),9:0.00}{Median(list, run => run.P99),9:0.00}");
        }
        var plain = Median(runs["plain"], run => run.PerSecond);
        Console.WriteLine(plain >= Target ? $"plain chat reaches the target of {Target:N0} requests/s" : $"MISSED: plain chat stays below {Target:N0} requests/s");
        return plain >= Target ? 0 : 1;
    }

    private static double Median(List<LoadRun> runs, Func<LoadRun, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);

    private static async Task CreateGatewayAsync(Uri address, string id, int cacheTtl, bool collectLogs)
    {
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", new EmulatorOptions().ApiToken);
        using var response = await http.PostAsJsonAsync($"/client/v4/accounts/{new EmulatorOptions().AccountId}/ai-gateway/gateways", new
        {
            id,
            cache_ttl = cacheTtl,
            cache_invalidate_on_update = false,
            collect_logs = collectLogs,
            rate_limiting_interval = 0,
            rate_limiting_limit = 0,
        });
        response.EnsureSuccessStatusCode();
    }

    private static async Task<byte[]> AnswerAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Post, Path("unlogged")) { Content = new StringContent(Body(stream: false), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-benchmark");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Request(Uri server, string gateway, bool stream)
    {
        var body = Body(stream);
        return Encoding.ASCII.GetBytes(
            $"POST {Path(gateway)} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer sk-benchmark\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static string Path(string gateway) => $"/v1/{new EmulatorOptions().AccountId}/{gateway}/openai/chat/completions";

    private static string Body(bool stream) =>
        $$"""{"model":"gpt-4o-mini","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Why is the sky blue?"}]}""";
}
