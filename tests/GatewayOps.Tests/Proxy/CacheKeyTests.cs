using System.Text.Json;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.Tests.Proxy;

public sealed class CacheKeyTests
{
    private static readonly string[] Fields = ["model", "messages"];
    private static readonly UpstreamTarget OpenAi = new(UpstreamProviders.Find("openai")!, "gpt-4o", null);
    private const string Body = """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temperature":0}""";

    [Fact]
    public void Of_FieldNotInTheKey_DoesNotCount() =>
        Assert.Equal(Key(Body), Key(Body.Replace("\"temperature\":0", "\"temperature\":1", StringComparison.Ordinal)));

    [Fact]
    public void Of_OtherSpellingOfTheSame_IsTheSameKey() =>
        Assert.Equal(Key(Body), Key("""{ "temperature":0, "messages":[ { "content":"\u0068i", "role":"user" } ], "model":"gpt-4o" }"""));

    [Fact]
    public void Of_WhateverAlwaysCounts_ChangesTheKey()
    {
        string?[] keys =
        [
            Key(Body),
            Key(Body.Replace("\"hi\"", "\"ho\"", StringComparison.Ordinal)),
            Key(Body, stream: true),
            Key(Body, tenant: "b"),
            Key(Body, tenant: null),
            Key(Body, target: OpenAi with { Model = "gpt-4o-mini" }),
            Key(Body, target: OpenAi with { Provider = UpstreamProviders.Find("groq")! }),
            Key(Body, fields: ["messages"]),
            Key(Body, fields: []),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{64}$", key));
    }

    [Fact]
    public void Of_NullField_IsNotAnAbsentField() =>
        Assert.NotEqual(Key("""{"messages":[1]}""", fields: ["messages", "user"]), Key("""{"messages":[1],"user":null}""", fields: ["messages", "user"]));

    [Fact]
    public void Of_NoCanonicalForm_IsNull() => Assert.Null(Key("""{"model":"a","messages":["\ud800"]}"""));

    private static string? Key(string body, bool stream = false, string? tenant = "a", UpstreamTarget? target = null, IReadOnlyList<string>? fields = null)
    {
        using var document = JsonDocument.Parse(body);
        return CacheKey.Of(Operations.Chat, document.RootElement, fields ?? Fields, target ?? OpenAi, stream, tenant)?.Hash;
    }
}
