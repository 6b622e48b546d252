using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.Tests.Proxy;

public sealed class RequestReaderTests
{
    private const string Messages = """ "messages":[{"role":"user","content":"hi"}] """;

    [Fact]
    public void Read_WholeRequest_FindsWhatRoutingNeeds()
    {
        using var request = Accept($$"""{"model":"gpt-4o","provider":"openai","stream":true,"stream_options":{"include_usage":true},{{Messages}}}""");

        Assert.Equal(("gpt-4o", "openai", true, true), (request.Model, request.Provider, request.Stream, request.WantsStreamUsage));
    }

    [Fact]
    public void Read_OptionalMembersNull_CountAsAbsent()
    {
        using var request = Accept($$"""{"model":null,"provider":null,"stream":null,"stream_options":null,"temperature":null,{{Messages}}}""");

        Assert.Equal((null, null, false, false), (request.Model, request.Provider, request.Stream, request.WantsStreamUsage));
    }

    [Theory, Trait("checklist", "S2-33")]
    [InlineData("{", null)]
    [InlineData("[]", null)]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":"hi"}""", "messages")]
    [InlineData("""{"messages":[1],"model":1}""", "model")]
    [InlineData("""{"messages":[1],"model":""}""", "model")]
    [InlineData("""{"messages":[1],"model":"a\r\nx-evil: 1"}""", "model")]
    [InlineData("""{"messages":[1],"model":"\ud800"}""", "model")]
    [InlineData("""{"messages":[1],"provider":[]}""", "provider")]
    [InlineData("""{"messages":[1],"stream":"yes"}""", "stream")]
    [InlineData("""{"messages":[1],"stream_options":1}""", "stream_options")]
    [InlineData("""{"messages":[1],"stream_options":{"include_usage":1}}""", "stream_options.include_usage")]
    [InlineData("""{"messages":[1],"temperature":2.1}""", "temperature")]
    [InlineData("""{"messages":[1],"temperature":-0.1}""", "temperature")]
    [InlineData("""{"messages":[1],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"messages":[1],"top_p":1.5}""", "top_p")]
    [InlineData("""{"messages":[1],"frequency_penalty":9}""", "frequency_penalty")]
    [InlineData("""{"messages":[1],"presence_penalty":-2.5}""", "presence_penalty")]
    [InlineData("""{"messages":[1],"n":0}""", "n")]
    [InlineData("""{"messages":[1],"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"messages":[1],"max_completion_tokens":-1}""", "max_completion_tokens")]
    public void Read_FaultyBody_NamesTheFault(string body, string? param)
    {
        var fault = Refuse(Encoding.UTF8.GetBytes(body));

        Assert.Equal((400, param), (fault.Status, fault.Param));
    }

    [Theory]
    [InlineData("""{"model":"a","model":"b","messages":[1]}""")]
    [InlineData("""{"model":"a","mod\u0065l":"b","messages":[1]}""")]
    [InlineData("""{"messages":[{"role":"user","role":"system"}]}""")]
    public void Read_DuplicateMember_IsRefusedAtAnyDepth(string body)
    {
        var fault = Refuse(Encoding.UTF8.GetBytes(body));

        Assert.Equal(("invalid_json", "The request body names a member twice."), (fault.Code, fault.Message));
    }

    [Fact]
    public void Read_InvalidUtf8_IsRefused() =>
        Assert.Contains("UTF-8", Refuse([.. "{\"messages\":[\""u8, 0xff, .. "\"]}"u8]).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NestedTooDeep_IsRefused() =>
        Assert.Equal("invalid_json", Refuse(Encoding.UTF8.GetBytes("{\"messages\":" + new string('[', 80) + new string(']', 80) + "}")).Code);

    [Fact]
    public void Read_FaultOfTheParser_DoesNotQuoteTheBody() =>
        Assert.DoesNotContain("sk-secret", Refuse("""{"messages":[1],"x":sk-secret}"""u8.ToArray()).Message, StringComparison.Ordinal);

    [Fact]
    public void BodyFor_SameModelAndNoStream_IsTheCallersBytes()
    {
        const string body = "{ \"model\" : \"gpt-4o\",\n  \"unknown\": 1.50, \"messages\": [ {\"role\":\"user\",\"content\":\"\\u00e9\"} ] }";
        using var request = Accept(body);

        Assert.Equal(body, Text(request.BodyFor(OpenAi("gpt-4o"))));
    }

    [Theory]
    [InlineData("""{"model":"a","provider":"openai","messages":[1]}""", """{"model":"b","messages":[1]}""")]
    [InlineData("""{"model":"a","messages":[1] , "provider" : "openai" }""", """{"model":"b","messages":[1]  }""")]
    [InlineData("""{"provider":"openai","messages":[1]}""", """{"model":"b","messages":[1]}""")]
    [InlineData("""{"provider":"openai","stream":true,"messages":[1]}""", """{"model":"b","stream_options":{"include_usage":true},"stream":true,"messages":[1]}""")]
    [InlineData("""{"stream":true,"stream_options":null,"model":"a","messages":[1]}""", """{"stream":true,"stream_options":{"include_usage":true},"model":"b","messages":[1]}""")]
    [InlineData("""{"stream":true,"stream_options":{},"model":"a","messages":[1]}""", """{"stream":true,"stream_options":{"include_usage":true},"model":"b","messages":[1]}""")]
    [InlineData("""{"stream":true,"stream_options":{"x":1},"model":"a","messages":[1]}""", """{"stream":true,"stream_options":{"include_usage":true,"x":1},"model":"b","messages":[1]}""")]
    [InlineData("""{"stream":true,"stream_options":{"include_usage":false},"model":"a","messages":[1]}""", """{"stream":true,"stream_options":{"include_usage":true},"model":"b","messages":[1]}""")]
    [InlineData("""{"messages":["model","provider",{"model":"x","provider":"y"}],"model":"a"}""", """{"messages":["model","provider",{"model":"x","provider":"y"}],"model":"b"}""")]
    public void BodyFor_Routing_ChangesOnlyWhatRoutingMust(string body, string expected)
    {
        using var request = Accept(body);

        var sent = Text(request.BodyFor(OpenAi("b")));

        // Strictly parsed, so that a doubled member or a stray comma shows.
        using var was = JsonDocument.Parse(expected);
        using var now = JsonDocument.Parse(sent, new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.True(JsonElement.DeepEquals(was.RootElement, now.RootElement), sent);
    }

    private static UpstreamTarget OpenAi(string model) => new(UpstreamProviders.Find("openai")!, model, Timeout: null);

    private static ProxyRequest Accept(string body)
    {
        var (request, fault) = RequestReader.Read(Encoding.UTF8.GetBytes(body), Dialect.Chat);
        Assert.Null(fault);
        return request!;
    }

    private static OpenAiError Refuse(byte[] body)
    {
        var (request, fault) = RequestReader.Read(body, Dialect.Chat);
        Assert.Null(request);
        return fault!;
    }

    private static string Text(IReadOnlyList<ReadOnlyMemory<byte>> pieces) => string.Concat(pieces.Select(piece => Encoding.UTF8.GetString(piece.Span)));
}
