using System.Net;
using System.Net.Sockets;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Proxy;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Tests.Upstreams;

/// <summary>Providers asked without a gateway: the row alone says where and with which key.</summary>
public sealed class DirectUpstreamTests
{
    private const string Key = "sk-direct-canary";

    // Every provider of the contract, with what its own guide says; the address is the stub's, as an enterprise's own proxy of it would be.
    [Theory]
    [InlineData("openai", "/v1", "/chat/completions", "https://api.openai.com/v1/chat/completions", "authorization")]
    [InlineData("openai", "/v1", "/responses", "https://api.openai.com/v1/responses", "authorization")]
    [InlineData("anthropic", "/v1", "/chat/completions", "https://api.anthropic.com/v1/chat/completions", "authorization")]
    [InlineData("anthropic", "/v1", "/messages", "https://api.anthropic.com/v1/messages", "x-api-key")]
    [InlineData("google-ai-studio", "/v1beta/openai", "/chat/completions", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "authorization")]
    [InlineData("openrouter", "/api/v1", "/chat/completions", "https://openrouter.ai/api/v1/chat/completions", "authorization")]
    [InlineData("groq", "/openai/v1", "/chat/completions", "https://api.groq.com/openai/v1/chat/completions", "authorization")]
    [InlineData("mistral", "/v1", "/embeddings", "https://api.mistral.ai/v1/embeddings", "authorization")]
    [InlineData("cohere", "/compatibility/v1", "/chat/completions", "https://api.cohere.com/compatibility/v1/chat/completions", "authorization")]
    [InlineData("grok", "/v1", "/chat/completions", "https://api.x.ai/v1/chat/completions", "authorization")]
    [InlineData("deepseek", "", "/chat/completions", "https://api.deepseek.com/chat/completions", "authorization")]
    [InlineData("deepseek", "", "/messages", "https://api.deepseek.com/anthropic/v1/messages", "authorization")]
    [InlineData("perplexity-ai", "", "/chat/completions", "https://api.perplexity.ai/chat/completions", "authorization")]
    [InlineData("ollama", "/v1", "/chat/completions", "http://127.0.0.1:11434/v1/chat/completions", "authorization")]
    [InlineData("lmstudio", "/v1", "/embeddings", "http://127.0.0.1:1234/v1/embeddings", "authorization")]
    public async Task Send_EachProvider_GoesToItsAddressWithItsKey(string slug, string folder, string operation, string url, string keyHeader)
    {
        var row = UpstreamProviders.Find(slug)!;
        Assert.Equal(url, row.BaseUrl!.ToString().TrimEnd('/') + row.Paths[operation]);

        var (sent, _) = await SendAsync(slug, folder, operation);

        Assert.Equal(new Uri(url).AbsolutePath, sent["path"]);
        Assert.Equal(keyHeader == "authorization" ? $"Bearer {Key}" : Key, sent[keyHeader]);
        Assert.Equal("gpt-4o-mini", row.WireModel("gpt-4o-mini", Operations.Embeddings));
    }

    [Fact]
    public async Task Send_WhatIsForAGateway_StaysHere()
    {
        var (sent, answer) = await SendAsync("openai", "/v1", Operations.Chat, [new("cf-aig-metadata", "{}"), new("CF-Connecting-IP", "1.2.3.4"), new("User-Agent", "client/1.0")]);

        Assert.Equal("client/1.0", sent["user-agent"]);
        Assert.DoesNotContain(sent.Keys, name => name.StartsWith("cf-", StringComparison.Ordinal));
        // A provider's word about a gateway's cache counts for nothing.
        Assert.Equal("bypass", answer.Cache);
    }

    [Fact]
    public async Task Send_CallersCredentials_GiveWayToOurs()
    {
        var (sent, _) = await SendAsync("openai", "/v1", Operations.Chat, [new("Authorization", "Bearer of-the-caller")]);

        Assert.Equal($"Bearer {Key}", sent["authorization"]);
    }

    [Theory]
    [InlineData(null, "2023-06-01")]
    [InlineData("2099-01-01", "2099-01-01")]
    public async Task Send_Messages_HaveAVersion(string? given, string sentVersion)
    {
        var (sent, _) = await SendAsync("anthropic", "/v1", Operations.Messages, given is null ? [] : [new("anthropic-version", given)]);

        Assert.Equal(sentVersion, sent["anthropic-version"]);
    }

    [Fact]
    public async Task Send_Redirect_IsNotFollowed()
    {
        var hits = 0;
        await using var elsewhere = await StubGateway.StartAsync(_ =>
        {
            hits++;
            return Task.CompletedTask;
        });
        await using var provider = await StubGateway.StartAsync(context =>
        {
            context.Response.Redirect(elsewhere.BaseUrl.ToString());
            return Task.CompletedTask;
        });
        using var connections = new DirectConnections();

        using var answer = await Upstream("openai", new() { Mode = "direct", BaseUrl = provider.BaseUrl.ToString(), AllowPrivate = true }, connections, out var openai)
            .SendAsync(Request(openai, Operations.Chat), CancellationToken.None);

        Assert.Equal((302, 0), (answer.Status, hits));
    }

    [Theory]
    [InlineData(false, "127.0.0.1")]
    [InlineData(false, "::ffff:10.0.0.1")]
    [InlineData(false, "169.254.169.254")]
    [InlineData(true, "169.254.169.254")]
    [InlineData(true, "100.100.100.200")]
    [InlineData(true, "fd00:ec2::254")]
    [InlineData(true, "64:ff9b::7f00:1")]
    public async Task Send_NameThatLeadsElsewhere_IsNotConnectedTo(bool allowPrivate, string address)
    {
        var connected = 0;
        using var connections = new DirectConnections(new CheckedConnection((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]), (_, _) =>
        {
            connected++;
            throw new SocketException((int)SocketError.ConnectionRefused);
        }));

        await Assert.ThrowsAsync<HttpRequestException>(() => Upstream("openai", new() { Mode = "direct", BaseUrl = "https://llm.example/v1", AllowPrivate = allowPrivate }, connections, out var openai)
            .SendAsync(Request(openai, Operations.Chat), CancellationToken.None));

        Assert.Equal(0, connected);
    }

    [Theory]
    [InlineData("192.168.1.7")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("100.64.1.1")]
    [InlineData("fd12::1")]
    public void Addresses_OfOnesOwnMachines_AreForProvidersThatSaySo(string address) =>
        Assert.Equal((true, false), (DirectConnections.IsAllowed(IPAddress.Parse(address), allowPrivate: true), DirectConnections.IsAllowed(IPAddress.Parse(address), allowPrivate: false)));

    private static async Task<(Dictionary<string, string> Sent, UpstreamAnswer Answer)> SendAsync(
        string slug, string folder, string operation, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        var sent = new Dictionary<string, string>();
        await using var provider = await StubGateway.StartAsync(context =>
        {
            foreach (var header in context.Request.Headers)
            {
                sent[header.Key.ToLowerInvariant()] = header.Value.ToString();
            }

            sent["path"] = context.Request.Path;
            context.Response.Headers["cf-aig-cache-status"] = "HIT";
            return Task.CompletedTask;
        });
        using var connections = new DirectConnections();
        var row = new ProviderOptions { Mode = "direct", BaseUrl = new Uri(provider.BaseUrl, folder).ToString(), ApiKey = Key, AllowPrivate = true };
        using var answer = await Upstream(slug, row, connections, out var asked).SendAsync(Request(asked, operation) with { CallerHeaders = headers ?? [] }, CancellationToken.None);
        Assert.Equal(200, answer.Status);
        return (sent, answer);
    }

    private static DirectUpstream Upstream(string slug, ProviderOptions row, DirectConnections connections, out UpstreamProvider provider)
    {
        var table = ProviderTableTests.Of((slug, row));
        provider = table.Find(slug)!;
        return new DirectUpstream(connections, table, TimeProvider.System, NullLogger<DirectUpstream>.Instance);
    }

    private static UpstreamRequest Request(UpstreamProvider provider, string operation) =>
        new() { Gateway = "gw", Provider = provider, Operation = operation, Body = ["{}"u8.ToArray()], Stream = false, RequestId = "r1", Revision = "a@1" };
}
