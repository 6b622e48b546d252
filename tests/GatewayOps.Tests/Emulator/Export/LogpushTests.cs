using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Export;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.DataPlane;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Export;

public sealed class LogpushTests
{
    // Making one takes longer than everything else here.
    private static readonly RSA Key = RSA.Create(2048);

    [Fact]
    public async Task Batch_IsReadWithThePrivateKeyAlone()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(receiver.Url + "/logs");

        await gateway.ChatAsync("My secret", """cf-aig-metadata: {"user":"alice"}""");
        await gateway.ChatAsync("Hello", "cf-aig-collect-log-payload: false");
        await FlushAsync(gateway);
        var delivery = await receiver.NextAsync();

        Assert.Equal(("/logs", "application/x-ndjson", "gzip"), (delivery.Path, delivery.Headers["content-type"], delivery.Headers["content-encoding"]));
        var text = Unzip(delivery.Body);
        Assert.DoesNotContain("alice", text, StringComparison.Ordinal);
        Assert.DoesNotContain("My secret", text, StringComparison.Ordinal);
        JsonElement[] lines = [.. text.TrimEnd('\n').Split('\n').Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        Assert.Equal(2, lines.Length);
        var rows = gateway.Logs;
        Assert.Equal(
            ["Cached", "Endpoint", "Gateway", "Model", "Provider", "RateLimited", "StatusCode", "Datetime", "Metadata", "RequestBody", "ResponseBody"],
            lines[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            (false, "chat/completions", "gw", "gpt-4o-mini", "openai", false, 200),
            (lines[0].GetProperty("Cached").GetBoolean(), lines[0].GetProperty("Endpoint").GetString(), lines[0].GetProperty("Gateway").GetString(), lines[0].GetProperty("Model").GetString(),
                lines[0].GetProperty("Provider").GetString(), lines[0].GetProperty("RateLimited").GetBoolean(), lines[0].GetProperty("StatusCode").GetInt32()));
        Assert.Equal("""{"user":"alice"}""", Open(lines[0].GetProperty("Metadata")));
        Assert.Equal(Encoding.UTF8.GetString(rows[0].RequestBody!), Open(lines[0].GetProperty("RequestBody")));
        Assert.Equal(Encoding.UTF8.GetString(rows[0].ResponseBody!), Open(lines[0].GetProperty("ResponseBody")));
        Assert.Equal("{}", lines[1].GetProperty("RequestBody").GetRawText());
        Assert.Equal("{}", Open(lines[1].GetProperty("Metadata")));
        // A key of its own for every log, and an iv of its own for every part.
        Assert.NotEqual(lines[0].GetProperty("Metadata").GetProperty("key").GetString(), lines[1].GetProperty("Metadata").GetProperty("key").GetString());
        Assert.NotEqual(lines[0].GetProperty("Metadata").GetProperty("iv").GetString(), lines[0].GetProperty("RequestBody").GetProperty("iv").GetString());
    }

    [Fact]
    public async Task RefusedRequest_IsRateLimitedInTheClear()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(receiver.Url, new { rate_limiting_limit = 1, rate_limiting_interval = 1000, rate_limiting_technique = "sliding" });

        await gateway.ChatAsync();
        await gateway.ChatAsync();
        await FlushAsync(gateway);

        var lines = Unzip((await receiver.NextAsync()).Body).TrimEnd('\n').Split('\n').Select(line => JsonSerializer.Deserialize<JsonElement>(line));
        Assert.Equal([(200, false), (429, true)], lines.Select(line => (line.GetProperty("StatusCode").GetInt32(), line.GetProperty("RateLimited").GetBoolean())));
    }

    [Theory]
    [InlineData("""{"logpush":false}""")]
    [InlineData("""{"logpush_public_key":null}""")]
    [InlineData("""{"collect_logs":false}""")]
    public async Task Gateway_LacksSomething_IsNotExported(string settings)
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await StartAsync(receiver.Url, JsonSerializer.Deserialize<JsonElement>(settings));

        await gateway.ChatAsync();

        Assert.Equal((0, 0, 0), await FlushAsync(gateway));
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task Row_ThatCannotBeExported_IsCounted()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var noKey = await StartAsync(receiver.Url, new { logpush_public_key = "-----BEGIN PUBLIC KEY-----" });
        await using var large = await StartAsync(receiver.Url);

        await noKey.ChatAsync();
        Assert.Equal((0, 1, 0), await FlushAsync(noKey));
        await large.ChatAsync(new string('x', 800_000));
        Assert.Equal((0, 0, 1), await FlushAsync(large));
        await large.ChatAsync();
        Assert.Equal((1, 0, 1), await FlushAsync(large));
        Assert.Single(Unzip((await receiver.NextAsync()).Body).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Folder_GetsAFileOfItsDay()
    {
        using var folder = new TemporaryFolder();
        await using var gateway = await StartAsync(folder.Path);

        await gateway.ChatAsync();
        Assert.Equal((1, 0, 0), await FlushAsync(gateway));

        var file = Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        Assert.Matches(@"[/\\]\d{8}[/\\]\d{8}T\d{6}Z_\d{8}T\d{6}Z_[0-9a-f]{8}\.log\.gz$", file);
        Assert.Equal("gw", JsonSerializer.Deserialize<JsonElement>(Unzip(await File.ReadAllBytesAsync(file))).GetProperty("Gateway").GetString());
    }

    [Fact]
    public async Task Destinations_FourAtMost_AddressesOnlyByTheAdminApi()
    {
        await using var receiver = await ExportReceiver.StartAsync();
        await using var gateway = await TestGateway.StartAsync(Settings());
        var url = receiver.Url;

        await AdminAsync(400, url, url, url, url, url);
        await AdminAsync(400, "/tmp");
        await AdminAsync(400, "ftp://example.com");
        await AdminAsync(204, url + "/a", url + "/b");
        await gateway.ChatAsync();
        Assert.Equal((2, 0, 0), await FlushAsync(gateway));
        Assert.Equal(["/a", "/b"], new[] { (await receiver.NextAsync()).Path, (await receiver.NextAsync()).Path }.Order());

        Assert.Throws<ArgumentException>(() => EmulatorHost.Build(new EmulatorOptions { Logpush = ["relative/folder"] }));
        Assert.Throws<ArgumentException>(() => EmulatorHost.Build(new EmulatorOptions { Logpush = [url, url, url, url, url] }));

        async Task AdminAsync(int status, params string[] destinations)
        {
            using var answer = await gateway.Emulator.Admin.PutAsJsonAsync("exports/logpush", new { destinations });
            Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        }
    }

    [Fact]
    public void Queue_Full_DropsAndCountsAndNeverWaits()
    {
        var clock = new EmulatorClock();
        var gateway = new AccountState(new EmulatorOptions(), clock).AddGateway("gw", GatewayFields.Settled(GatewayFields.Automatic)).Gateway!;
        var row = new LogRow { Id = gateway.Logs.NewId(), Provider = "openai", Model = "m", Path = "p", StatusCode = 200 };
        var queue = new ExportQueue();

        for (var offered = 0; offered < ExportQueue.MostRows + 5; offered++)
            queue.Offer(new LoggedRow(gateway, row));
        Assert.Equal((ExportQueue.MostRows, 0, 0, 5), queue.Counts);

        var heavy = new ExportQueue();
        var large = row with { RequestBody = new byte[ExportQueue.MostBytes / 2] };
        for (var offered = 0; offered < 3; offered++)
            heavy.Offer(new LoggedRow(gateway, large));
        Assert.Equal((2, 0, 0, 1), heavy.Counts);
        Assert.True(heavy.Reader.TryRead(out var first));
        heavy.Finish(first, exported: 1);
        heavy.Offer(new LoggedRow(gateway, large));
        Assert.Equal((2, 1, 0, 1), heavy.Counts);
    }

    private static Task<TestGateway> StartAsync(string destination, object? settings = null) =>
        TestGateway.StartAsync(Settings(settings), new EmulatorOptions { Logpush = [destination], LogpushInterval = TimeSpan.FromHours(1), ExportRetryDelay = TimeSpan.Zero });

    private static Dictionary<string, object?> Settings(object? settings = null)
    {
        var all = new Dictionary<string, object?> { ["logpush"] = true, ["logpush_public_key"] = Key.ExportSubjectPublicKeyInfoPem() };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(settings)?.AsObject() ?? [])
            all[name] = value?.DeepClone();
        return all;
    }

    private static async Task<(int Exported, int Failed, int Dropped)> FlushAsync(TestGateway gateway)
    {
        using var answer = await gateway.Emulator.Admin.PostAsync("exports/flush", content: null);
        var counts = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("logpush");
        return (counts.GetProperty("exported").GetInt32(), counts.GetProperty("failed").GetInt32(), counts.GetProperty("dropped").GetInt32());
    }

    private static string Unzip(byte[] body)
    {
        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        return reader.ReadToEnd();
    }

    /// <summary>As the owner of the private key opens it: unwrap the AES key, then AES-GCM with the tag at the end of the data.</summary>
    private static string Open(JsonElement sealedPart)
    {
        var key = Key.Decrypt(sealedPart.GetProperty("key").GetBytesFromBase64(), RSAEncryptionPadding.OaepSHA256);
        var data = sealedPart.GetProperty("data").GetBytesFromBase64();
        var text = new byte[data.Length - 16];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(sealedPart.GetProperty("iv").GetBytesFromBase64(), data.AsSpan(..^16), data.AsSpan(^16..), text);
        return Encoding.UTF8.GetString(text);
    }
}
