using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Tests.Proxy;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Upstreams;

public sealed class GatewayUpstreamTests
{
    [Theory]
    [InlineData("openai", "gpt-4o", "/v1/acc/gw/openai/chat/completions", "gpt-4o")]
    [InlineData("openrouter", "openai/gpt-4o-mini", "/v1/acc/gw/openrouter/v1/chat/completions", "openai/gpt-4o-mini")]
    [InlineData("groq", "llama-3-70b", "/v1/acc/gw/groq/chat/completions", "llama-3-70b")]
    [InlineData("mistral", "mistral-large", "/v1/acc/gw/mistral/v1/chat/completions", "mistral-large")]
    [InlineData("grok", "grok-2", "/v1/acc/gw/grok/v1/chat/completions", "grok-2")]
    [InlineData("deepseek", "deepseek-chat", "/v1/acc/gw/deepseek/chat/completions", "deepseek-chat")]
    [InlineData("perplexity-ai", "sonar", "/v1/acc/gw/perplexity-ai/chat/completions", "sonar")]
    [InlineData("anthropic", "claude-sonnet-4-5", "/v1/acc/gw/compat/chat/completions", "anthropic/claude-sonnet-4-5")]
    [InlineData("google-ai-studio", "gemini-2.0-flash", "/v1/acc/gw/compat/chat/completions", "google-ai-studio/gemini-2.0-flash")]
    [InlineData("cohere", "command-r", "/v1/acc/gw/compat/chat/completions", "cohere/command-r")]
    [InlineData("workers-ai", "@cf/meta/llama-3-8b-instruct", "/v1/acc/gw/compat/chat/completions", "workers-ai/@cf/meta/llama-3-8b-instruct")]
    public async Task Send_EachProvider_GoesToItsAddress(string slug, string model, string path, string wireModel)
    {
        var provider = UpstreamProviders.Find(slug)!;

        var sent = await SendAsync(new UpstreamRequest { Gateway = "gw", Provider = provider, Operation = Operations.Chat, Body = ["{}"u8.ToArray()], Stream = false, RequestId = "r1", Revision = "a@1" });

        Assert.Equal((path, wireModel), (sent["path"], provider.WireModel(model, Operations.Chat)));
    }

    [Fact]
    public async Task Send_Directives_BecomeHeaders()
    {
        var sent = await SendAsync(new UpstreamRequest
        {
            Gateway = "gw",
            Provider = UpstreamProviders.Find("openai")!,
            Operation = Operations.Chat,
            Body = ["{\"a\":"u8.ToArray(), "1}"u8.ToArray()],
            Stream = true,
            RequestId = "r1",
            Revision = "a@1",
            Timeout = TimeSpan.FromMilliseconds(1500.2),
            Cache = new UpstreamCache(new string('a', 64), TimeSpan.FromHours(1)),
            CollectLog = false,
            CallerHeaders = [new("User-Agent", "client/1.0 (weird; [agent)")],
        });

        Assert.Equal("{\"a\":1}", sent["body"]);
        Assert.Equal(("Bearer gateway-token", "1", "1501"), (sent["cf-aig-authorization"], sent["cf-aig-max-attempts"], sent["cf-aig-request-timeout"]));
        Assert.Equal((new string('a', 64), "3600", "false"), (sent["cf-aig-cache-key"], sent["cf-aig-cache-ttl"], sent["cf-aig-collect-log"]));
        Assert.Equal("""{"request_id":"r1","revision":"a@1"}""", sent["cf-aig-metadata"]);
        Assert.Equal(("text/event-stream", "client/1.0 (weird; [agent)"), (sent["accept"], sent["user-agent"]));
        Assert.DoesNotContain("authorization", sent.Keys);
    }

    [Fact]
    public async Task Send_CacheOff_SkipsIt()
    {
        var sent = await SendAsync(new UpstreamRequest
        {
            Gateway = "gw",
            Provider = UpstreamProviders.Find("openai")!,
            Operation = Operations.Chat,
            Body = ["{}"u8.ToArray()],
            Stream = false,
            RequestId = "r1",
            Revision = "a@1",
            Cache = UpstreamCache.Skip,
        });

        Assert.Equal("true", sent["cf-aig-skip-cache"]);
        Assert.DoesNotContain("cf-aig-cache-key", sent.Keys);
    }

    [Fact]
    public async Task Send_GatewaysWithoutEnd_KeepsSoManyAddresses()
    {
        await using var gateway = await StubGateway.StartAsync(_ => Task.CompletedTask);
        using var connections = new UpstreamConnections();
        var upstream = new GatewayUpstream(connections, Options.Create(new CloudflareAccountOptions { AccountId = "acc", GatewayBaseUrl = gateway.BaseUrl }), TimeProvider.System);

        for (var i = 0; i < GatewayUpstream.MostAddresses + 10; i++)
        {
            using var answer = await upstream.SendAsync(
                new UpstreamRequest { Gateway = $"gw-{i}", Provider = UpstreamProviders.Find("openai")!, Operation = Operations.Chat, Body = ["{}"u8.ToArray()], Stream = false, RequestId = "r1", Revision = "a@1" }, CancellationToken.None);
            Assert.Equal(200, answer.Status);
        }

        Assert.Equal(GatewayUpstream.MostAddresses, upstream.Addresses);
    }

    [Theory]
    [InlineData("a\r\nx-evil: 1")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("naïve")]
    public void AddText_WhatAHeaderCannotCarry_IsRefusedWithoutTheValue(string value)
    {
        using var request = new HttpRequestMessage();

        var refusal = Assert.Throws<FormatException>(() => request.Headers.AddText("x-test", value));

        Assert.DoesNotContain(value, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(request.Headers);
    }

    private static async Task<Dictionary<string, string>> SendAsync(UpstreamRequest request)
    {
        var sent = new Dictionary<string, string>();
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            foreach (var header in context.Request.Headers)
            {
                sent[header.Key.ToLowerInvariant()] = header.Value.ToString();
            }

            sent["path"] = context.Request.Path;
            using var body = new StreamReader(context.Request.Body);
            sent["body"] = await body.ReadToEndAsync();
        });
        using var connections = new UpstreamConnections();
        var options = Options.Create(new CloudflareAccountOptions { AccountId = "acc", GatewayToken = "gateway-token", GatewayBaseUrl = gateway.BaseUrl });
        using var answer = await new GatewayUpstream(connections, options, TimeProvider.System).SendAsync(request, CancellationToken.None);
        Assert.Equal(200, answer.Status);
        return sent;
    }
}
