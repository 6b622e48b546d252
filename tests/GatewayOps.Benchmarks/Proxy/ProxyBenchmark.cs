using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>
/// The proxy with everything on (token, rules, metrics, records into PostgreSQL) beside nginx and beside the least that Kestrel does, each alone on one core; the load, the
/// provider and the database are on the other. Rounds alternate, so that ratios hold where figures do not. `GATEWAYOPS_BENCHMARK_ROUNDS` is how many (9).
/// </summary>
public static partial class ProxyBenchmark
{
    private const int Measured = 0, Loading = 1;
    private const int Connections = 32, Rate = 200, Checked = 100;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2), Warmth = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not Architecture.X64 || Environment.ProcessorCount < 2 || !File.Exists("/usr/bin/taskset") || !File.Exists("/usr/sbin/nginx"))
        {
            await Console.Error.WriteLineAsync("This benchmark needs Linux on x64, as the image has it, two cores, taskset (util-linux) and nginx: apt-get install nginx-light");
            return 2;
        }

        var rounds = int.TryParse(Environment.GetEnvironmentVariable("GATEWAYOPS_BENCHMARK_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 9;
        using var folder = new TemporaryFolder();
        using var published = new TemporaryFolder();
        // On both cores still: on one, the compiler of the framework takes half an hour instead of minutes.
        var program = await Contenders.PublishAsync(published);
        Pin(Loading);
        await using var cloudflare = await TestEmulator.StartAsync(new EmulatorOptions());
        await using var database = await TestDatabase.CreateAsync();
        await using var mock = await Contenders.MockAsync(Loading);
        await using var nginx = await Contenders.NginxAsync(Measured, mock.Address, folder);
        await using var bare = await Contenders.ForwarderAsync(Measured, mock.Address);
        await using var product = await Contenders.ProductAsync(Measured, program, mock.Address, database, cloudflare);
        var token = await Contenders.FillAsync(product, cloudflare);
        await CheckAsync(product, database, token);

        Server[] servers = [mock, nginx, bare, product];
        var figures = servers.ToDictionary(server => server, _ => new Figures());
        foreach (var server in servers)
        {
            await LoadRun.OfAsync(server.Address, Request(token, "gpt-4o-mini", stream: false), Connections, Warmth);
            await LoadRun.OfAsync(server.Address, Request(token, "gpt-4o-mini", stream: true), Connections, Warmth / 2);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var server in servers)
            {
                await MeasureAsync(server, figures[server], token);
            }
        }

        foreach (var server in servers)
        {
            figures[server].Resident.Add(server.Resident / 1e6);
        }

        await ColdStartsAsync(figures[bare], () => Contenders.ForwarderAsync(Measured, mock.Address), token);
        await ColdStartsAsync(figures[product], () => Contenders.ProductAsync(Measured, program, mock.Address, database, cloudflare), token);
        Console.WriteLine($"{rounds} rounds of {Round.TotalSeconds:0} s, {Connections} connections; the measured one alone on core {Measured}, load, provider and PostgreSQL on core {Loading}; medians, with the least and the most of all rounds");
        return Report.Print(figures[mock], figures[nginx], figures[bare], figures[product]);
    }

    private static async Task MeasureAsync(Server server, Figures figures, string token)
    {
        var whole = Request(token, "gpt-4o-mini", stream: false);
        var before = server.Cpu;
        var plain = await LoadRun.OfAsync(server.Address, whole, Connections, Round);
        figures.Plain.Add(plain.PerSecond);
        figures.Cpu.Add((server.Cpu - before).TotalMicroseconds / (plain.PerSecond * Round.TotalSeconds));
        figures.Streamed.Add((await LoadRun.OfAsync(server.Address, Request(token, "gpt-4o-mini", stream: true), Connections, Round)).PerSecond);
        var paced = await PacedRun.OfAsync(server.Address, whole, Rate, Round);
        figures.Median.Add(paced.Median);
        figures.P99.Add(paced.P99);
        figures.ChunkDelay.Add(await PacedRun.ChunkDelayAsync(server.Address, Request(token, "gpt-4o-paced", stream: true), streams: 3));
    }

    /// <summary>Authentication, the rule and the record happen once for each request: by metrics and by SQL, before anything is timed.</summary>
    private static async Task CheckAsync(Server product, TestDatabase database, string token)
    {
        using var http = new HttpClient { BaseAddress = product.Address };
        Require((await SendAsync("nobody's")).StatusCode == HttpStatusCode.Unauthorized, "a wrong token is refused");
        var before = await CountedAsync();
        for (var i = 0; i < Checked; i++)
        {
            Require((await SendAsync(token)).StatusCode == HttpStatusCode.OK, "a request is answered");
        }

        // A request is counted when its answer has been sent.
        for (var tries = 0; (await CountedAsync() - before < Checked || await RowsAsync() < Checked) && tries < 200; tries++)
        {
            await Task.Delay(50);
        }

        Require(await CountedAsync() - before == Checked, "the metrics count each request once");
        Require(await RowsAsync() == Checked, "each request is one row, with its key, rule, tokens and cost");

        async Task<HttpResponseMessage> SendAsync(string with)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Body("gpt-4o-mini", stream: false), Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", with);
            return await http.SendAsync(request);
        }

        async Task<double> CountedAsync()
        {
            using var api = Contenders.Operator(product);
            return Counter().Matches(await api.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        }

        async Task<long> RowsAsync() => (await database.QueryAsync<long>("select count(*) from request_records where rule = 'chat' and virtual_key is not null and status = 200 and cost_usd > 0"))[0];
    }

    private static async Task ColdStartsAsync(Figures figures, Func<Task<Server>> start, string token)
    {
        for (var i = 0; i < 5; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var server = await start();
            using var http = new HttpClient { BaseAddress = server.Address };
            HttpStatusCode status;
            do
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Body("gpt-4o-mini", stream: false), Encoding.UTF8, "application/json") };
                request.Headers.Authorization = new("Bearer", token);
                using var response = await http.SendAsync(request);
                status = response.StatusCode;
            }
            while (status != HttpStatusCode.OK && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));

            figures.ColdStart.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static byte[] Request(string token, string model, bool stream)
    {
        var body = Body(model, stream);
        return Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static string Body(string model, bool stream) =>
        $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Why is the sky blue?"}]}""";

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Not measured, because this does not hold: {what}.");
        }
    }

    private static void Pin(int core)
    {
        using var self = Process.GetCurrentProcess();
#pragma warning disable CA1416 // Linux, checked above
        self.ProcessorAffinity = 1 << core;
#pragma warning restore CA1416
    }

    [GeneratedRegex("""^gatewayops_proxy_requests_total\{[^}]*outcome="ok"[^}]*\} ([0-9.]+)""", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Counter();
}
