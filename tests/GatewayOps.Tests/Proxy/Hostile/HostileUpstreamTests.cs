using System.Net;
using System.Net.Sockets;
using System.Text;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy.Hostile;

/// <summary>What no provider answers, byte for byte: the caller hears of a bad upstream at every address, never of a fault of ours.</summary>
public sealed class HostileUpstreamTests
{
    private const string Json = """{"id":"x","type":"message","choices":[{"index":0,"message":{"content":"ok"},"text":"ok","finish_reason":"stop"}],"data":[],"result":{"response":"ok"},"success":true}""";

    private static readonly (string Name, string Bytes)[] Answers =
    [
        ("nothing", ""), ("no HTTP", "SSH-2.0-OpenSSH\r\n"), ("half a status line", "HTTP/1.1 20"), ("a status beyond", "HTTP/1.1 999 X\r\n\r\n"), ("half the headers", "HTTP/1.1 200 OK\r\nContent-Len"),
        ("no content", "HTTP/1.1 204 No Content\r\n\r\n"), ("not modified", "HTTP/1.1 304 Not Modified\r\n\r\n"), ("a redirect", "HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        ("less than announced", $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n{Json}"), ("a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
        ("an odd content type", Whole("Content-Type: nonsense;;;")), ("a content type beyond ASCII", Whole("Content-Type: \u00e9/\u00e9")), ("a type of two", Whole("Content-Type: text/html\r\nContent-Type: application/json")),
        ("headers beyond ASCII", Whole("Content-Type: application/json\r\nx-ratelimit-limit-requests: \u00e9\u00ff\r\nrequest-id: \u0001")), ("a wait of ages", "HTTP/1.1 429 X\r\nRetry-After: 99999999999999999999\r\nContent-Length: 2\r\n\r\n{}"),
        ("a wait of the past", "HTTP/1.1 429 X\r\nRetry-After: Mon, 01 Jan 1990 00:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}"), ("an endless header", $"HTTP/1.1 200 OK\r\nX: {new string('a', 100_000)}\r\n\r\n"),
        ("a deep answer", Of(new string('[', 100_000))), ("surrogates in names", Of("""{"\ud800":1,"choices":[{"finish_reason":"stop","\ud800":"\udfff"}],"usage":{"\ud800":1}}""")), ("usage of text", Of("""{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":"1e9","completion_tokens":1e99}}""")),
        ("an error with surrogates", "HTTP/1.1 400 X\r\nContent-Length: 70\r\n\r\n" + """{"error":{"message":"\ud800","type":"x","param":null,"code":"\udfff"}}  """), ("an envelope without a code", "HTTP/1.1 500 X\r\nContent-Length: 40\r\n\r\n" + """{"success":false,"errors":[{"code":"x"}]}"""[..40]),
        ("failures of Workers AI with surrogates", "HTTP/1.1 400 X\r\nContent-Length: 62\r\n\r\n" + """{"name":"AiError","internalCode":5007,"message":"\ud800"}      """[..62]),
    ];

    [Fact]
    public async Task Answer_ThatIsNone_IsABadUpstreamAtEveryAddress()
    {
        var bytes = Array.Empty<byte>();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(listener, () => bytes, stop.Token);
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Cloudflare:GatewayBaseUrl"] = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", ["GatewayOps:Proxy:CircuitFailures"] = "1000" });
        foreach (var door in new[] { "chat", "completions through chat", "responses", "messages", "ai/run", "provider's own path" }.Select(Door.Of))
        {
            foreach (var (what, answer) in Answers)
            {
                bytes = Encoding.Latin1.GetBytes(answer);

                using var request = new HttpRequestMessage(HttpMethod.Post, door.Path) { Content = new StringContent(door.Valid, Encoding.UTF8, "application/json") };
                Answer? told = null;
                try
                {
                    told = await Answer.OfAsync(service.Caller, request);
                }
                catch (Exception e) when (door.Operation is Forwarding.Blindly && e is HttpRequestException or IOException)
                {
                    continue; // what is not read and breaks off ends so
                }

                // Of a path that nobody reads the provider's own failure passes.
                Assert.True(told.Status is 200 or 204 or 400 or 404 or 429 or 502 or 503 || (door.Operation is Forwarding.Blindly && told.Status == 500), $"{door.Name}, {what}: {told.Status} {told.Text}");
                Assert.DoesNotContain("   at ", told.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("Exception", told.Text, StringComparison.Ordinal);
            }
        }

        Assert.DoesNotContain(service.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
        await stop.CancelAsync();
        await serving;
    }

    private static string Of(string json) => $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}";

    private static string Whole(string headers) => $"HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {Json.Length}\r\n\r\n{Json}";

    private static async Task ServeAsync(TcpListener listener, Func<byte[]> answer, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop);
                await using var stream = client.GetStream();
                var buffer = new byte[64 * 1024];
                var length = 0;
                // One request whole: its headers, and as much body as they say.
                while (!IsWhole(buffer.AsSpan(0, length)) && await stream.ReadAsync(buffer.AsMemory(length), stop) is > 0 and var read)
                {
                    length += read;
                }

                await stream.WriteAsync(answer(), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        var text = Encoding.Latin1.GetString(request);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        return end >= 0 && (at < 0 || text.Length >= end + 4 + int.Parse(text[(at + 16)..text.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture));
    }
}
