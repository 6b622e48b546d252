using System.Net.Sockets;
using System.Text;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>Whatever comes, the answer is one of the contract's (section 13) or the provider's, and never a 500.</summary>
public sealed class BadInputTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/dev-account")]
    [InlineData("POST", "/v1//")]
    [InlineData("POST", "/v1/dev-account/")]
    public async Task Path_Unrouted_404With7000(string method, string path)
    {
        using var http = emulator.Emulator.NewClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await http.SendAsync(request);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Contains("\"code\":7000", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai/chat/completions", "{\"model\":", "application/json")]
    [InlineData("openai/chat/completions", "model=gpt", "application/x-www-form-urlencoded")]
    [InlineData("openai/chat/completions", "\u0000\u0001", "application/octet-stream")]
    [InlineData("openai/chat/completions", """{"model":"\ud800","messages":[]}""", "application/json")]
    [InlineData("openai/chat/completions", """{"model":"m","model":"n","messages":7}""", "application/json")]
    [InlineData("openai/%2e%2e/%2e%2e/client/v4", "{}", "application/json")]
    [InlineData("openai/%00", "{}", "application/json")]
    [InlineData("openai/", "{}", "application/json")]
    [InlineData("openai", "{}", "application/json")]
    [InlineData("azure-openai/x", "{}", "application/json")]
    [InlineData("aws-bedrock//", "{}", "application/json")]
    [InlineData("compat", "{}", "application/json")]
    [InlineData("compat/chat/completions", "{\"model\":\"a/b\"}", "text/plain")]
    [InlineData("compat/chat/completions", "{\"model\":\"dynamic/\"}", "application/json")]
    public async Task Body_OrPath_Odd_IsAClientError(string path, string body, string type)
    {
        await using var gateway = emulator.NewGateway();
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("Authorization", "Bearer dev-token");

        using var response = await gateway.Http.SendAsync(request);

        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("cf-aig-cache-ttl: -1")]
    [InlineData("cf-aig-cache-ttl: 99999999999999999999")]
    [InlineData("cf-aig-max-attempts: many")]
    [InlineData("cf-aig-retry-delay: 9223372036854775807")]
    [InlineData("cf-aig-request-timeout: 0")]
    [InlineData("cf-aig-request-timeout: 9223372036854775807")]
    [InlineData("cf-aig-backoff: never")]
    [InlineData("cf-aig-metadata: {\"a\":\"\\ud800\"}")]
    [InlineData("cf-aig-custom-cost: {\"total_cost\":1e400}")]
    [InlineData("cf-aig-custom-cost: {\"total_cost\":-1}")]
    [InlineData("cf-aig-collect-log: maybe")]
    [InlineData("cf-aig-otel-trace-id: xyz")]
    [InlineData("cf-aig-skip-cache: 1")]
    [InlineData("cf-aig-unheard-of: x")]
    public async Task Header_Unreadable_CountsAsNotSent(string header)
    {
        await using var gateway = emulator.NewGateway();

        Assert.Equal(200, (await gateway.ChatAsync("x", header)).Status);
        Assert.Single(gateway.Logs);
    }

    [Fact]
    public async Task Body_26Megabytes_413AndTheConnectionLivesOn()
    {
        await using var gateway = emulator.NewGateway();

        foreach (var path in new[] { "", "openai/chat/completions" })
        {
            var answer = await gateway.PostAsync(path, new string(' ', 26 * 1024 * 1024 + 1));
            Assert.Equal(413, answer.Status);
            Assert.Equal("AiGatewayError", answer.Json.GetProperty("name").GetString());
        }
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
    }

    [Theory]
    [InlineData("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\ncf-aig-metadata: \u0080\u00ff\r\n\r\n")]
    [InlineData("BREW {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer k\r\n\r\n")]
    public async Task Bytes_Garbage_IsAClientError(string text)
    {
        await using var gateway = emulator.NewGateway();
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", gateway.Emulator.BaseUrl.Port);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text.Replace("{path}", gateway.Path + "openai/chat/completions", StringComparison.Ordinal)));

        using var reader = new StreamReader(socket.GetStream());
        var line = await reader.ReadLineAsync();

        Assert.InRange(int.Parse(line!.Split(' ')[1]), 400, 499);
    }
}
