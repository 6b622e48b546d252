using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.Management;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>One declaration checks and describes: what the check refuses, the schema forbids.</summary>
public sealed class ShapeTests
{
    private static readonly Shape Sample = ObjectOf(
        new Member("name", Text(1, 3, new Regex("^[a-z]*$", RegexOptions.NonBacktracking)), Required: true),
        new Member("count", Integer(0, 9).OrNull()),
        new Member("mode", OneOf("on", "off").OrNull()),
        new Member("tags", ArrayOf(Flag, minimum: 1, maximum: 2)),
        new Member("limits", MapOf(Positive)),
        new Member("any", Either(value => value.ValueKind == JsonValueKind.True, Flag, NumberBetween(0, 1))));

    [Fact]
    public void Schema_OfEveryKind_SaysTheRule() => Assert.Equal(
        """
        {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":3,"pattern":"^[a-z]*$"},"count":{"type":["integer","null"],"minimum":0,"maximum":9},"mode":{"type":["string","null"],"enum":["on","off",null]},"tags":{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2},"limits":{"type":"object","additionalProperties":{"type":"number","exclusiveMinimum":0}},"any":{"anyOf":[{"type":"boolean"},{"type":"number","minimum":0,"maximum":1}]}},"required":["name"]}
        """, Sample.Schema.ToJsonString());

    [Theory]
    [InlineData("""{"name":"abc","count":null,"mode":null,"tags":[true],"limits":{"a":1},"any":true}""", null)]
    [InlineData("""{"name":"abcd"}""", "String must contain at most 3 character(s)")]
    [InlineData("""{"name":"A"}""", "Invalid")]
    [InlineData("""{"name":"a","count":10}""", "Number must be less than or equal to 9")]
    [InlineData("""{"name":"a","count":1.5}""", "Expected integer, received float")]
    [InlineData("""{"name":"a","mode":"up"}""", "Invalid enum value. Expected 'on' | 'off', received 'up'")]
    [InlineData("""{"name":"a","tags":[]}""", "Array must contain at least 1 element(s)")]
    [InlineData("""{"name":"a","limits":{"a":0}}""", "Number must be greater than 0")]
    [InlineData("""{"name":"a","any":2}""", "Number must be less than or equal to 1")]
    [InlineData("{}", "Required")]
    public void Check_OneStepOutside_IsTheRulesError(string body, string? error) =>
        Assert.Equal(error, Sample.ErrorsOf(JsonSerializer.Deserialize<JsonElement>(body)).Select(found => found.Message).SingleOrDefault());

    [Fact]
    public void Schema_AskedTwice_IsNewEveryTime() => Assert.NotSame(Sample.Schema, Sample.Schema);

    [Fact]
    public void And_FurtherRule_IsAskedOnlyWhenTheShapeFits()
    {
        var even = Integer(0, 10).And((value, path, errors) =>
        {
            if (value.GetInt32() % 2 != 0)
                errors.Add(ApiError.Invalid(path, "odd"));
        });

        string[] Errors(string json) => [.. even.ErrorsOf(JsonSerializer.Deserialize<JsonElement>(json)).Select(error => error.Message)];
        Assert.Equal([], Errors("4"));
        Assert.Equal(["odd"], Errors("5"));
        Assert.Equal(["Number must be less than or equal to 10"], Errors("11"));
    }
}
