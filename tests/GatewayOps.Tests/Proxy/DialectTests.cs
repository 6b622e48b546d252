using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.Tests.Proxy;

/// <summary>The rows of the table of dialects.</summary>
public sealed class DialectTests
{
    public static TheoryData<string> Recorded => RecordedAnswer.Names;

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task Cost_OfAStream_IsThatOfTheWholeAnswer(string name)
    {
        var recorded = RecordedAnswer.Of(name);
        var price = new ModelPrice("m", "p", "m", Input: 3, CachedInput: 0.3m, Output: 15, ContextWindow: 1);

        var whole = AnswerFacts.Read(Encoding.UTF8.GetBytes(recorded.Whole), recorded.Dialect)!.Value.Usage!;
        var streamed = (await RelayStage.RelayAsync(recorded)).Progress.Tokens(() => new TokenUsage(0, 0));

        Assert.Equal((recorded.Tokens, recorded.Tokens), (whole, streamed));
        Assert.Equal(price.CostOf(whole), price.CostOf(streamed));
    }

    [Theory]
    [InlineData("/completions", "{}", "prompt")]
    [InlineData("/completions", """{"prompt":"x","temperature":3}""", "temperature")]
    [InlineData("/completions", """{"prompt":"x","logprobs":6}""", "logprobs")]
    [InlineData("/completions", """{"prompt":"x","stop":[1]}""", "stop")]
    [InlineData("/completions", """{"prompt":7}""", "prompt")]
    [InlineData("/completions", """{"prompt":"x","stream":1}""", "stream")]
    [InlineData("/chat/completions", """{"messages":[1],"stop":7}""", "stop")]
    [InlineData("/embeddings", """{"model":"m"}""", "input")]
    [InlineData("/embeddings", """{"input":"x"}""", "model")]
    [InlineData("/embeddings", """{"model":"m","input":[]}""", "input")]
    [InlineData("/embeddings", """{"model":"m","input":"x","dimensions":0}""", "dimensions")]
    [InlineData("/responses", """{"input":"x"}""", "model")]
    [InlineData("/responses", """{"model":null,"input":"x"}""", "model")]
    [InlineData("/responses", """{"model":"m","temperature":2.5}""", "temperature")]
    [InlineData("/responses", """{"model":"m","max_output_tokens":0}""", "max_output_tokens")]
    [InlineData("/messages", """{"model":"m","max_tokens":1}""", "messages")]
    [InlineData("/messages", """{"model":"m","messages":[1]}""", "max_tokens")]
    [InlineData("/messages", """{"model":"m","messages":[1],"max_tokens":0}""", "max_tokens")]
    [InlineData("/messages", """{"model":"m","messages":[1],"max_tokens":1,"temperature":1.5}""", "temperature")]
    [InlineData("/messages", """{"model":"m","messages":[1],"max_tokens":1,"stop_sequences":[null]}""", "stop_sequences")]
    public void Read_BeyondTheBounds_NamesTheField(string operation, string body, string param)
    {
        var (request, fault) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Of(operation));

        Assert.Null(request);
        Assert.Equal((400, param), (fault!.Status, fault.Param));
    }

    [Theory]
    [InlineData("/completions", """{"prompt":["a",[1,2]],"model":"m", "stop":"x"}""")]
    [InlineData("/embeddings", """{"model":"m","input":[[1,2],[3]],"stream":"not a field here"}""")]
    [InlineData("/responses", """{"model":"m","previous_response_id":"resp_1","stream_options":{"include_obfuscation":false}}""")]
    [InlineData("/messages", """{"model":"m","max_tokens":8,"messages":[1],"temperature":1,"system":[{"type":"text","text":"x"}]}""")]
    public void Read_WhatADialectTakes_IsTaken(string operation, string body)
    {
        var (request, fault) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Of(operation));
        using var _ = request;

        Assert.Null(fault);
        Assert.Equal(body, Text(request!.BodyFor(Target("openrouter", "m"))));
    }

    [Fact]
    public void BodyFor_StreamedResponsesAndMessages_AsksForNoUsage()
    {
        const string body = """{"model":"m","max_tokens":8,"stream":true,"messages":[1]}""";
        var (request, _) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Messages);

        Assert.Equal(body, Text(request!.BodyFor(Target("anthropic", "m"))));
    }

    [Theory]
    [InlineData("""{"model":"m","prompt":"caf\u00e9","max_tokens":1.0e1,"x":{"a":1.50}}""", """{"model":"groq-m","messages":[{"role":"user","content":"caf\u00e9"}],"max_tokens":1.0e1,"x":{"a":1.50}}""")]
    [InlineData("""{"prompt":["x"],"suffix":null,"echo":false,"best_of":1,"logprobs":null,"provider":"groq"}""", """{"model":"groq-m","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"prompt":"x","stream":true,"stream_options":{"y":1}}""", """{"model":"groq-m","messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"y":1,"include_usage":true}}""")]
    public void BodyFor_ProviderWithoutCompletions_IsAChatOfOneMessage(string body, string expected)
    {
        var (request, fault) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Completions);

        Assert.Null(fault);
        Assert.Null(Dialect.Completions.StandIn!.Refusal(request!.Root));
        Assert.Equal(expected, Text(request.BodyFor(Target("groq", "groq-m"))));
    }

    [Theory, Trait("checklist", "S2-33")]
    [InlineData("/chat/completions", "openai", """{"messages":[1]}""", """{"model":"m","temperature":0.7,"messages":[1]}""")]
    [InlineData("/chat/completions", "openai", """{"messages":[1],"temperature":null}""", """{"model":"m","messages":[1],"temperature":0.7}""")]
    [InlineData("/chat/completions", "openai", """{"messages":[1],"temperature":0}""", """{"model":"m","messages":[1],"temperature":0}""")]
    [InlineData("/completions", "groq", """{"prompt":"x","temperature":null}""", """{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":0.7}""")]
    [InlineData("/messages", "anthropic", """{"model":"m","max_tokens":1,"messages":[1]}""", """{"model":"m","max_tokens":1,"messages":[1]}""")]
    public void BodyFor_DefaultTemperature_IsForChatsThatNameNone(string operation, string provider, string body, string expected)
    {
        var (request, _) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Of(operation));

        Assert.Equal(expected, Text(request!.BodyFor(Target(provider, "m"), temperature: 0.7)));
    }

    [Theory]
    [InlineData("""{"prompt":["a","b"]}""", "prompt")]
    [InlineData("""{"prompt":[1,2]}""", "prompt")]
    [InlineData("""{"prompt":"x","suffix":"y"}""", "suffix")]
    [InlineData("""{"prompt":"x","echo":true}""", "echo")]
    [InlineData("""{"prompt":"x","best_of":2}""", "best_of")]
    [InlineData("""{"prompt":"x","logprobs":0}""", "logprobs")]
    public void Refusal_WhatChatCannotDo_NamesTheField(string body, string param)
    {
        using var document = JsonDocument.Parse(body);

        Assert.Equal(param, Dialect.Completions.StandIn!.Refusal(document.RootElement)!.Param);
    }

    [Fact]
    public void Answer_OfChat_IsToldAsTextCompletion() => Assert.Equal(
        """{"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"é 🦊","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":4,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":1}}}""",
        Encoding.UTF8.GetString(Dialect.Completions.StandIn!.Answer(Encoding.UTF8.GetBytes(RecordedAnswer.Chat.Whole))));

    /// <summary>Providers that have an operation themselves. The others answer it through chat, or not at all.</summary>
    [Theory]
    [InlineData("/completions", "openai openrouter deepseek cerebras fireworks")]
    [InlineData("/embeddings", "openai openrouter mistral fireworks google-ai-studio cohere workers-ai")]
    [InlineData("/responses", "openai openrouter groq grok fireworks")]
    [InlineData("/messages", "openrouter deepseek grok anthropic")]
    public void GatewayPathOf_EachOperation_IsHadByThese(string operation, string providers)
    {
        var having = UpstreamProviders.All.Where(provider => provider.GatewayPathOf(operation) is not null).ToList();

        Assert.Equal(providers.Split(' ').Order(), having.Select(provider => provider.Slug).Order());
        Assert.All(having, provider => Assert.StartsWith($"/{provider.Slug}/", provider.GatewayPathOf(operation), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"input_tokens":3,"cache_read_input_tokens":9000000000000000000,"output_tokens":1}""", 3, 1)]
    [InlineData("""{"prompt_tokens":-3,"completion_tokens":1}""", 0, 1)]
    public void Usage_NoModelGives_IsNotCounted(string usage, long input, long output)
    {
        var facts = AnswerFacts.Read(Encoding.UTF8.GetBytes($$"""{"usage":{{usage}}}"""), Dialect.Messages)!.Value;

        Assert.Equal((input, output), (facts.Usage!.Input, facts.Usage.Output));
    }

    private static UpstreamTarget Target(string provider, string model) => new(UpstreamProviders.Find(provider)!, model, Timeout: null);

    private static string Text(IEnumerable<ReadOnlyMemory<byte>> pieces) => string.Concat(pieces.Select(piece => Encoding.UTF8.GetString(piece.Span)));
}
