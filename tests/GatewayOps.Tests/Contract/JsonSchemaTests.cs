using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>The validator itself: what fits and what does not, keyword by keyword.</summary>
public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":"integer"}""", "1.0", "1.5")]
    [InlineData("""{"type":"number"}""", "1.5", "\"1.5\"")]
    [InlineData("""{"type":"boolean"}""", "false", "0")]
    [InlineData("""{"type":"array"}""", "[]", "{}")]
    [InlineData("""{"type":"object"}""", "{}", "null")]
    [InlineData("""{"type":["string","null"]}""", "null", "1")]
    [InlineData("""{"enum":["a",null]}""", "null", "\"b\"")]
    [InlineData("""{"const":{"a":[1]}}""", """{"a":[1.0]}""", """{"a":[2]}""")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"abc\"", "\"Abc\"")]
    [InlineData("""{"minLength":2}""", "\"ab\"", "\"\\ud83d\\ude00\"")]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\\ude00\"", "\"ab\"")]
    [InlineData("""{"minimum":1}""", "1", "0.9")]
    [InlineData("""{"maximum":1}""", "1", "1.1")]
    [InlineData("""{"exclusiveMinimum":0}""", "0.1", "0")]
    [InlineData("""{"minItems":1}""", "[0]", "[]")]
    [InlineData("""{"maxItems":1}""", "[0]", "[0,0]")]
    [InlineData("""{"maxProperties":1}""", """{"a":0}""", """{"a":0,"b":0}""")]
    [InlineData("""{"format":"date-time"}""", "\"2026-11-20T12:00:00.000Z\"", "\"2026-11-20 12:00:00\"")]
    [InlineData("""{"format":"date-time"}""", "\"2024-02-29T23:59:59+01:00\"", "\"2026-02-30T12:00:00Z\"")]
    [InlineData("""{"format":"uri"}""", "\"https://a.example/b\"", "\"//a\"")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", """{"b":1}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":"","b":1}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":false}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":""}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", """["a",1]""")]
    [InlineData("""{"allOf":[{"type":"string"},{"minLength":1}]}""", "\"a\"", "\"\"")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"string","minLength":1}]}""", "\"a\"", "1")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":0}]}""", "-1", "1")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"string"}]}""", "1", "true")]
    [InlineData("""{"$ref":"#/a"}""", "7", "8")]
    [InlineData("""{"description":"","default":1,"discriminator":{},"readOnly":false,"writeOnly":false,"type":"null"}""", "null", "1")]
    public void Violations_OfOneKeyword(string schema, string fits, string breaks)
    {
        Assert.Empty(Violations(schema, fits, Traffic.Response));
        Assert.NotEmpty(Violations(schema, breaks, Traffic.Response));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"writeOnly":true}}}""", Traffic.Response, "/a: is never given back")]
    [InlineData("""{"properties":{"a":{"readOnly":true}}}""", Traffic.Request, "/a: is set by Cloudflare alone")]
    public void Violations_MemberOfOneWay_IsRefusedTheOtherWay(string schema, object refused, string violation)
    {
        Assert.Equal([violation], Violations(schema, """{"a":1}""", (Traffic)refused));
        Assert.Empty(Violations(schema, """{"a":1}""", 1 - (Traffic)refused));
    }

    [Fact]
    public void Violations_DeepInside_NameThePlace() => Assert.Equal(
        ["/a/1/b: \"x\" is not integer", "/a/2/b: required"],
        Violations("""{"properties":{"a":{"items":{"required":["b"],"properties":{"b":{"type":"integer"}}}}}}""", """{"a":[{"b":1},{"b":"x"},{}]}""", Traffic.Response));

    [Theory]
    [InlineData("""{"not":{}}""")]
    [InlineData("""{"uniqueItems":true}""")]
    [InlineData("""{"type":"file"}""")]
    [InlineData("""{"format":"ipv4"}""")]
    [InlineData("""{"items":{"if":{}}}""")]
    public void Read_AWordThatItDoesNotKnow_IsRefused(string schema) => Assert.Throws<NotSupportedException>(() => Read(schema));

    private static IEnumerable<string> Violations(string schema, string value, Traffic traffic) =>
        Read(schema).Violations(JsonElement.Parse(value), traffic).Select(violation => violation.ToString());

    private static JsonSchema Read(string schema) =>
        JsonSchema.Read(JsonElement.Parse(schema), reference => JsonSchema.Read(JsonElement.Parse(reference == "#/a" ? """{"const":7}""" : "{}"), _ => throw new InvalidOperationException()));
}
