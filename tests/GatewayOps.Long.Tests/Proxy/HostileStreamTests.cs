using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Long.Tests.Proxy;

/// <summary>What broken and hostile upstreams and callers do to a service of its own process, over real sockets: each stream ends as specified, and memory and other callers do not notice.</summary>
public sealed class HostileStreamTests(ITestOutputHelper output)
{
    private const long Line = 300L << 20;

    private static readonly (string Path, RecordedAnswer Answer, string Body)[] Dialects =
    [
        ("/v1/chat/completions", RecordedAnswer.Chat, """{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}"""),
        ("/v1/completions", RecordedAnswer.Completions, """{"model":"gpt-3.5-turbo-instruct","stream":true,"stream_options":{"include_usage":true},"prompt":"x"}"""),
        ("/v1/messages", RecordedAnswer.Messages, """{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}"""),
        ("/v1/responses", RecordedAnswer.Responses, """{"model":"gpt-4o","stream":true,"input":"x"}"""),
        ("/client/v4/accounts/ACCOUNT/ai/run/@cf/meta/llama-3-8b-instruct", RecordedAnswer.WorkersAi, """{"prompt":"x","stream":true}"""),
        ("/v1/ACCOUNT/openai-compat/openai/chat/completions", RecordedAnswer.Chat, """{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}"""),
    ];

    [Fact]
    public async Task Streams_OfEachDialect_EndAsSpecified_InBoundedMemory()
    {
        Func<HttpContext, Task> upstream = _ => Task.CompletedTask;
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return upstream(context);
        });
        await using var database = await TestDatabase.CreateAsync();
        await using var emulator = await TestEmulator.StartAsync();
        await using var service = await ChildService.StartAsync(database, emulator, "", gateway.Settings);
        using var client = new HttpClient { BaseAddress = service.Operator.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestService.ProxyToken) } };
        foreach (var (path, _, body) in Dialects)
        {
            await SendAsync(path, body); // whatever is loaded once
        }

        foreach (var (path, recorded, body) in Dialects)
        {
            var first = recorded.Bytes.AsMemory(0, recorded.Bytes.AsSpan().IndexOf("\n\n"u8) + 2);
            var before = Memory("VmRSS");
            await File.WriteAllTextAsync($"/proc/{service.ProcessId}/clear_refs", "5");

            upstream = context => EndlessAsync(context, "data: "u8.ToArray());
            var atOnce = await FourAsync();
            upstream = context => EndlessAsync(context, [.. first.Span, .. "data: "u8]);
            var later = await FourAsync();
            upstream = context => DribbleAsync(context, recorded.Bytes);
            var dribbled = await FourAsync();
            var inUtf8 = recorded.Bytes.AsSpan().IndexOf((byte)0xf0) + 2;
            upstream = context => context.Response.Body.WriteAsync(recorded.Bytes.AsMemory(0, inUtf8)).AsTask();
            var cut = await FourAsync();

            var grown = Memory("VmHWM") - before;
            output.WriteLine($"{path}: {grown >> 20} MiB above {before >> 20} MiB");
            Assert.All(atOnce, answer => Assert.True(answer.Status == 502 && answer.Text.Contains("an event of its stream is too large", StringComparison.Ordinal), answer.ToString()));
            // Cut within the first event, nothing has been committed yet.
            Assert.All(inUtf8 < first.Length ? later : later.Concat(cut), answer => Assert.True(answer.Status == 200 && answer.Text.Contains("What arrived is not whole", StringComparison.Ordinal) && !answer.Text.Contains("\n\ndata: [DONE]", StringComparison.Ordinal), answer.ToString()));
            Assert.All(inUtf8 < first.Length ? cut : [], answer => Assert.Equal(502, answer.Status));
            Assert.All(dribbled, answer => Assert.Equal(recorded.Stream, answer.Text));
            // Four streams at once, an event of a mebibyte each, and what buffers and sockets hold.
            Assert.True(grown < 64 << 20, $"{path}: {grown} bytes");

            async Task<(int Status, string Text)[]> FourAsync() => await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(path, body)));
        }

        // What nobody reads on the way passes whole, and is not kept.
        await File.WriteAllTextAsync($"/proc/{service.ProcessId}/clear_refs", "5");
        var ahead = Memory("VmRSS");
        upstream = context => EndlessAsync(context, []);
        using var passed = await client.PostAsync($"/v1/{emulator.Options.AccountId}/openai-compat/openai/audio/speech", new StringContent("{}"));
        await using var counting = await passed.Content.ReadAsStreamAsync();
        var counted = 0L;
        var buffer = new byte[1 << 16];
        while (await counting.ReadAsync(buffer) is > 0 and var read)
        {
            counted += read;
        }

        output.WriteLine($"passed {counted >> 20} MiB: {(Memory("VmHWM") - ahead) >> 20} MiB above {ahead >> 20} MiB");
        Assert.True(counted >= Line, $"{counted}");
        Assert.True(Memory("VmHWM") - ahead < 64 << 20);

        async Task<(int Status, string Text)> SendAsync(string path, string body)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(path.Replace("ACCOUNT", emulator.Options.AccountId, StringComparison.Ordinal), content);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        long Memory(string name) => 1024 * long.Parse(
            File.ReadLines($"/proc/{service.ProcessId}/status").Single(line => line.StartsWith(name + ':', StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    /// <summary>2,000 callers that never finish, half in the headers and half in the body: the server ends them within its times, and a healthy caller is not slowed.</summary>
    [Fact]
    public async Task SlowCallers_2000_AreEnded_AndSlowNobody()
    {
        await using var gateway = await StubGateway.StartAsync(context => context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"""));
        await using var database = await TestDatabase.CreateAsync();
        await using var emulator = await TestEmulator.StartAsync();
        await using var service = await ChildService.StartAsync(database, emulator, "", gateway.Settings);
        using var client = new HttpClient { BaseAddress = service.Operator.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestService.ProxyToken) } };
        await TimesAsync(200);
        var without = await TimesAsync(300);

        var slow = new List<Socket>();
        for (var i = 0; i < 2000; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            slow.Add(socket);
            await socket.ConnectAsync("127.0.0.1", service.Operator.BaseAddress!.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(i % 2 == 0
                ? "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A"
                : $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.ProxyToken}\r\nContent-Length: 1000\r\n\r\n{{\"m"));
        }

        var beside = await TimesAsync(300);
        var ends = slow.Select(EndAsync).ToList();
        var alive = 0;
        for (var second = 0; second < 35 && !ends.TrueForAll(end => end.IsCompleted); second++)
        {
            foreach (var socket in slow.Where((_, index) => !ends[index].IsCompleted))
            {
                try
                {
                    await socket.SendAsync("a"u8.ToArray());
                    alive++;
                }
                catch (SocketException)
                {
                    // It was ended meanwhile.
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        output.WriteLine($"p50 {without[150]:0.00} ms without, {beside[150]:0.00} ms beside; p99 {without[297]:0.00} and {beside[297]:0.00}; {alive} bytes dribbled");
        Assert.True(ends.TrueForAll(end => end.IsCompleted), $"{ends.Count(end => !end.IsCompleted)} still hold their connection");
        Assert.All(await Task.WhenAll(ends), said => Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), said));
        Assert.True(beside[150] < (3 * without[150]) + 5 && beside[297] < (5 * without[297]) + 50, "a healthy caller was slowed");
        slow.ForEach(socket => socket.Dispose());

        async Task<double[]> TimesAsync(int requests)
        {
            var times = new double[requests];
            for (var i = 0; i < requests; i++)
            {
                var started = TimeProvider.System.GetTimestamp();
                using var content = new StringContent(ProxyStage.Chat(), Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync("/v1/chat/completions", content);
                Assert.True(answer.IsSuccessStatusCode);
                times[i] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
            }

            Array.Sort(times);
            return times;
        }

        // What the server said before it closed.
        static async Task<string> EndAsync(Socket socket)
        {
            var (said, buffer) = (new StringBuilder(), new byte[4096]);
            try
            {
                while (await socket.ReceiveAsync(buffer) is > 0 and var read)
                {
                    said.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }
            }
            catch (SocketException)
            {
                // Reset: it is ended all the same.
            }

            return said.ToString();
        }
    }

    // 300 MB behind what comes first, without an end of line, until nobody reads any more.
    private static async Task EndlessAsync(HttpContext context, byte[] first)
    {
        await context.Response.Body.WriteAsync(first);
        var piece = Encoding.ASCII.GetBytes(new string('x', 1 << 16));
        for (var sent = 0L; sent < Line && !context.RequestAborted.IsCancellationRequested; sent += piece.Length)
        {
            await context.Response.Body.WriteAsync(piece, context.RequestAborted).AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static async Task DribbleAsync(HttpContext context, byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(i, 1));
            await context.Response.Body.FlushAsync();
        }
    }
}
