using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class SchemaSampleTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"value\"")]
    [InlineData("""{"type":"string","minLength":7}""", "\"value..\"")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"va\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2026-01-01\"")]
    [InlineData("""{"type":"integer"}""", "1")]
    [InlineData("""{"type":"integer","minimum":10}""", "10")]
    [InlineData("""{"type":"integer","exclusiveMinimum":10}""", "11")]
    [InlineData("""{"type":"integer","minimum":2.5}""", "3")]
    [InlineData("""{"type":"integer","maximum":-4}""", "-4")]
    [InlineData("""{"type":"integer","minimum":10,"multipleOf":7}""", "14")]
    [InlineData("""{"type":"integer","maximum":-10,"multipleOf":7}""", "-14")]
    [InlineData("""{"type":"number","exclusiveMinimum":2,"exclusiveMaximum":3}""", "2.5")]
    [InlineData("""{"type":["null","boolean"]}""", "true")]
    [InlineData("""{"type":"null"}""", "null")]
    [InlineData("""{"const":{"a":[1]}}""", """{"a":[1]}""")]
    [InlineData("""{"enum":["x","y"]}""", "\"x\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":2}""", "[1,1]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"boolean"}],"items":false}""", "[true]")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"maxItems":0}""", "[]")]
    [InlineData("""{"anyOf":[{"type":"string","pattern":"^a$"},{"type":"integer"}]}""", "1")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string","pattern":"x"}},"required":["a"]}""", """{"a":"a"}""")]
    [InlineData("""{"type":"object","required":["k"],"additionalProperties":{"type":"integer"}}""", """{"k":1}""")]
    public void Of_Schema_ExactValue(string schema, string expected) =>
        Assert.Equal(expected, SchemaSample.Of(JsonSerializer.Deserialize<JsonElement>(schema))?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("""{"type":"string","pattern":"^a+$"}""", "pattern")]
    [InlineData("""{"oneOf":[{"type":"string"}]}""", "oneOf")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "no number")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "minLength")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "points at nothing")]
    [InlineData("""{"$ref":"https://example.com/schema"}""", "same document")]
    [InlineData("""{"$ref":"#"}""", "never ends")]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", "forbidden")]
    [InlineData("""{"type":"colour"}""", "unknown")]
    [InlineData("7", "object or true")]
    public void Of_SchemaThatCannotBePromised_IsRefusedByName(string schema, string reason) =>
        Assert.Contains(
            reason, Assert.Throws<SchemaSampleException>(() => SchemaSample.Of(JsonSerializer.Deserialize<JsonElement>(schema))).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_RecursiveSchema_Ends()
    {
        var schema = JsonSerializer.Deserialize<JsonElement>(
            """{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#"}}},"required":["name","children"]}""");

        var sample = SchemaSample.Of(schema)!;

        Assert.Equal("name", sample["children"]![0]!["name"]!.GetValue<string>());
    }
}
