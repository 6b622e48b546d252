using System.Net;
using System.Net.Sockets;
using System.Text;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.DataPlane;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class ForwardedUpstreamTests(ForwardedUpstreamTests.Fixture fixture) : IClassFixture<ForwardedUpstreamTests.Fixture>
{
    private readonly RealProvider _real = fixture.Real;
    private readonly TestGateway _gateway = fixture.Gateway;

    [Theory]
    [InlineData("openai/chat/completions?a=1&b=%2F", "/proxy/v1/chat/completions?a=1&b=%2F")]
    [InlineData("openai/v1/files/a%2Fb", "/proxy/v1/files/a%2Fb")]
    [InlineData("anthropic/v1/complete", "/v1/complete")]
    [InlineData("azure-openai/res/dep/chat/completions?api-version=1", "/az/openai/deployments/dep/chat/completions?api-version=1")]
    [InlineData("aws-bedrock/bedrock-runtime/us-east-1/model/m%3A1/converse", "/model/m:1/converse")]
    public async Task Path_IsThatOfTheRealProviderBelowTheBaseUrl(string path, string target)
    {
        var answer = await _gateway.PostAsync(path, TestGateway.Chat(), TestGateway.ProviderKey);

        Assert.Equal(200, answer.Status);
        Assert.Equal($"POST {target}", _real.Asked[^1]);
        Assert.Equal(RealProvider.Chat, answer.Text);
        Assert.Equal((3, 4), ((int)_gateway.Logs[^1].TokensIn!, (int)_gateway.Logs[^1].TokensOut!));
    }

    [Fact]
    public async Task Headers_EndToEndOnes_GoBothWays()
    {
        var answer = await _gateway.PostAsync("openai/refused", "{}", TestGateway.ProviderKey, "x-mine: 1", "cf-aig-metadata: {\"a\":1}");

        Assert.Equal((422, """{"detail":"no"}""", "because"), (answer.Status, answer.Text, answer.Headers["x-reason"]));
        Assert.Equal(("1", $"Bearer {TestGateway.ProviderKey}"), (_real.LastHeaders!["x-mine"].ToString(), _real.LastHeaders.Authorization.ToString()));
        Assert.DoesNotContain(_real.LastHeaders, header => header.Key.StartsWith("cf-aig-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Body_CompressedUnasked_ArrivesPlainAndIsCounted()
    {
        var answer = await _gateway.PostAsync("openai/compressed", TestGateway.Chat());

        Assert.Equal(RealProvider.Chat, answer.Text);
        Assert.False(answer.Headers.ContainsKey("content-encoding"));
        Assert.Equal("identity", _real.LastHeaders!.AcceptEncoding);
        Assert.Equal(4, _gateway.Logs[^1].TokensOut);
    }

    [Fact]
    public async Task Body_InChunksWithATrailer_ArrivesWhole()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var gateway = await TestGateway.StartAsync(null, new EmulatorOptions
        {
            Upstreams = new Dictionary<string, Uri> { ["openai"] = new($"http://{listener.LocalEndpoint}/v1") },
        });

        var asked = gateway.ChatAsync();
        using var connection = await listener.AcceptTcpClientAsync();
        await using var stream = connection.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTrailer: x-checksum\r\nTransfer-Encoding: chunked\r\n\r\n{RealProvider.Chat.Length:x}\r\n{RealProvider.Chat}\r\n0\r\nx-checksum: 1\r\n\r\n"));

        var answer = await asked;
        Assert.Equal((200, RealProvider.Chat), (answer.Status, answer.Text));
        Assert.DoesNotContain("trailer", answer.Headers.Keys);
        Assert.DoesNotContain("x-checksum", answer.Headers.Keys);
    }

    [Fact]
    public async Task Redirect_IsPassedOnAndNotFollowed()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _gateway.Http.BaseAddress };

        using var answer = await http.PostAsync("openai/moved", new StringContent("{}"));

        Assert.Equal((302, "/elsewhere"), ((int)answer.StatusCode, answer.Headers.Location!.ToString()));
        Assert.Equal("POST /proxy/v1/moved", _real.Asked[^1]);
    }

    [Fact]
    public async Task Stream_OfAnotherDialect_EachEventArrivesWhenItIsSent()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "anthropic/v1/messages") { Content = new StringContent("""{"model":"c","stream":true}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-api-key", "k");
        using var response = await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("event: message_start", await reader.ReadLineAsync());
        _real.Gate.Release(); // only now does the provider go on
        Assert.EndsWith("{\"type\":\"message_stop\"}\n\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);

        LogRow? row;
        while ((row = _gateway.Logs.FirstOrDefault(one => one.Provider == "anthropic" && one.Path == "v1/messages")) is null)
            await Task.Yield();
        Assert.Equal((12, 9, true), ((int)row.TokensIn!, (int)row.TokensOut!, row.Success));
    }

    [Fact]
    public async Task Stream_CutByTheProvider_IsCutForTheClient()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "openai/cut") { Content = new StringContent(TestGateway.Chat(more: new { stream = true })) };
        using var response = await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("""data: {"choices":[]}""", await reader.ReadLineAsync());
        _real.Gate.Release();
        await Assert.ThrowsAnyAsync<IOException>(reader.ReadToEndAsync);
    }

    [Fact]
    public async Task Get_WithoutABody_StaysWithoutOne()
    {
        Assert.Equal("""{"data":[]}""", await _gateway.Http.GetStringAsync("openai/models"));
        Assert.Equal("GET /proxy/v1/models", _real.Asked[^1]);
        Assert.Equal(0, _real.LastHeaders!.ContentLength ?? 0);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal RealProvider Real { get; private set; } = null!;

        internal TestGateway Gateway { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Real = await RealProvider.StartAsync();
            Gateway = await TestGateway.StartAsync(null, new EmulatorOptions
            {
                Upstreams = new Dictionary<string, Uri>
                {
                    ["openai"] = Real.Url("/proxy/v1/"),
                    ["anthropic"] = Real.Url(""),
                    ["azure-openai"] = Real.Url("/az"),
                    ["aws-bedrock"] = Real.Url(""),
                },
            });
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Real.DisposeAsync();
        }
    }
}
