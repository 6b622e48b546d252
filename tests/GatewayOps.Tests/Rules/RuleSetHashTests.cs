using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

public class RuleSetHashTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", """ { "b" : 2 , "a" : 1 } """)]
    [InlineData("""{"a":1}""", """{"a":1.0}""")]
    [InlineData("""{"a":100}""", """{"a":1e2}""")]
    [InlineData("""{"a":0}""", """{"a":-0.0}""")]
    [InlineData("""{"a":"/"}""", """{"a":"\/"}""")]
    [InlineData("""{"a":"é"}""", """{"\u0061":"\u00e9"}""")]
    public void Of_SameMeaning_IsOneHash(string a, string b) => Assert.Equal(Hash(a), Hash(b));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    public void Of_OtherMeaning_IsAnotherHash(string a, string b) => Assert.NotEqual(Hash(a), Hash(b));

    [Fact]
    public void Of_ADocument_IsStableAcrossReleases() =>
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", Hash("{}"));

    [Fact]
    public void Of_ByteOrderMark_DoesNotCount() => Assert.Equal(Hash("{}"), RuleSetHash.Of([0xEF, 0xBB, 0xBF, .. "{}"u8]));

    [Fact]
    public void Of_NotJson_Throws()
    {
        Assert.Throws<FormatException>(() => Hash("{"));
        Assert.Throws<FormatException>(() => Hash("""{"a":"\ud800"}"""));
    }

    [Fact]
    public void Of_KeysReorderedAndWhitespaceAdded_IsOneHash() =>
        Prop.ForAll(AnyDocument.Documents.ToArbitrary(), document =>
            Hash(document.ToJsonString()) == Hash(Reversed(document)!.ToJsonString(new() { WriteIndented = true }))).QuickCheckThrowOnFailure();

    private static string Hash(string json) => RuleSetHash.Of(Encoding.UTF8.GetBytes(json));

    private static JsonNode? Reversed(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Reverse().Select(member => KeyValuePair.Create(member.Key, Reversed(member.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Reversed)]),
        _ => node?.DeepClone(),
    };
}
