using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Emulator.Cel;

namespace GatewayOps.Tests.Emulator.Cel;

public sealed class CelExpressionTests
{
    private static readonly IReadOnlySet<string> Roots = new HashSet<string> { "cf", "metadata", "model" };

    private static readonly IReadOnlyDictionary<string, CelValue> Scope = JsonSerializer.Deserialize<JsonElement>("""
        {
          "cf": { "user": { "id": "u-1", "email": "alice@example.com", "groups": ["engineering", "admins"] }, "country": "DE" },
          "metadata": { "team": "research", "seats": 12, "share": 0.5, "beta": true, "odd key": "x" },
          "model": "openai/gpt-5"
        }
        """).EnumerateObject().ToDictionary(member => member.Name, member => CelValue.Of(member.Value));

    [Theory]
    [InlineData("true", true)]
    [InlineData("""cf.user.email == "alice@example.com" """, true)]
    [InlineData("cf.user.email != 'alice@example.com'", false)]
    [InlineData("""cf.user.email.endsWith("@example.com") && !cf.user.email.startsWith("bob")""", true)]
    [InlineData("""cf.user.email.contains("@") || false""", true)]
    [InlineData("'engineering' in cf.user.groups", true)]
    [InlineData("'Engineering' in cf.user.groups", false)]
    [InlineData("'team' in metadata", true)]
    [InlineData("cf.country in ['DE', 'AT', 'CH']", true)]
    [InlineData("metadata.seats >= 12 && metadata.seats < 12.5", true)]
    [InlineData("metadata.share == 5e-1", true)]
    [InlineData("-1 < metadata.seats", true)]
    [InlineData("metadata.seats == '12'", false)]
    [InlineData("metadata.beta", true)]
    [InlineData("metadata['odd key'] == \"x\"", true)]
    [InlineData("cf.user.groups[1] == 'admins'", true)]
    [InlineData("has(metadata.team) && !has(metadata.plan)", true)]
    [InlineData("model.matches('^openai/gpt-[0-9]+$')", true)]
    [InlineData(@"model.matches(r'^openai/gpt-\d$')", true)]
    [InlineData("size(cf.user.groups) == 2 && cf.user.id.size() == 3", true)]
    [InlineData("true || false && false", true)]
    [InlineData("(true || false) && false", false)]
    [InlineData("!(1 == 2)", true)]
    [InlineData("""'\u0041\x42\t' == "AB	" """, true)]
    [InlineData("null == null", true)]
    [InlineData("[1, 'a', true] == [1.0, 'a', true]", true)]
    public void Holds_Condition_IsToldBySpecification(string text, bool expected)
    {
        var (expression, error) = CelExpression.ParseCondition(text, Roots);

        Assert.Null(error);
        Assert.Equal(expected, expression!.Holds(Scope));
    }

    [Theory]
    [InlineData("metadata.plan == 'free'")]
    [InlineData("cf.user.email > 3")]
    [InlineData("cf.user.groups[7] == 'x'")]
    [InlineData("cf.country.code == 'DE'")]
    [InlineData("has(cf.device.id)")]
    [InlineData("metadata.team")]
    [InlineData("metadata.plan == 'free' && true")]
    [InlineData("!metadata.team")]
    public void Holds_MissingMemberOrWrongKind_CannotBeTold(string text) => Assert.Null(CelExpression.ParseCondition(text, Roots).Expression!.Holds(Scope));

    [Theory]
    [InlineData("metadata.plan == 'free' || true", true)]
    [InlineData("true || metadata.plan == 'free'", true)]
    [InlineData("false && metadata.plan == 'free'", false)]
    [InlineData("metadata.plan == 'free' && false", false)]
    public void Holds_OneSideDecides_WhateverBecomesOfTheOther(string text, bool expected) => Assert.Equal(expected, CelExpression.ParseCondition(text, Roots).Expression!.Holds(Scope));

    [Theory]
    [InlineData("", 1, "expected a value, found the end")]
    [InlineData("cf.user.email ==", 17, "expected a value, found the end")]
    [InlineData("cf.user.email = 'a'", 15, "unexpected '='")]
    [InlineData("(true", 6, "expected ')', found the end")]
    [InlineData("true true", 6, "expected the end, found 'true'")]
    [InlineData("user.email == 'a'", 1, "undeclared reference to 'user'")]
    [InlineData("metadata.team == 'a", 18, "the text has no end")]
    [InlineData("metadata.seats == 1.2.3", 19, "'1.2.3' is no number")]
    [InlineData(@"model == '\q'", 11, @"unknown escape \q")]
    [InlineData("model.lower() == 'a'", 7, "no function lower with 0 argument(s)")]
    [InlineData("model.endsWith('a', 'b')", 7, "no function endsWith with 2 argument(s)")]
    [InlineData("endsWith(model, 'b')", 1, "no function endsWith with 2 argument(s)")]
    [InlineData("has(metadata)", 1, "has() takes a member")]
    [InlineData("model.matches('(')", 7, "'(' is no regular expression")]
    [InlineData("'text'", 1, "a condition must be true or false")]
    [InlineData("metadata.", 10, "expected a name, found the end")]
    public void Parse_Wrong_SaysWhereAndWhat(string text, int position, string message)
    {
        var (expression, error) = CelExpression.ParseCondition(text, Roots);

        Assert.Null(expression);
        Assert.Equal(position, error!.Position);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NestedWithoutEnd_IsRefusedAndDoesNotExhaustTheStack()
    {
        foreach (var text in (string[])[new string('(', 4000), new string('!', 4000), "size(" + new string('[', 4000)])
            Assert.Equal("nested too deeply", CelExpression.Parse(text, Roots).Error!.Message);
        Assert.Equal(CelExpression.MostLength + 1, CelExpression.Parse(new string('a', 5000), Roots).Error!.Position);
    }

    /// <summary>The longest chains that the grammar allows without nesting are read and evaluated.</summary>
    [Fact]
    public void Parse_LongChain_IsEvaluated()
    {
        var chain = string.Join("||", Enumerable.Repeat("false", 580));
        Assert.False(CelExpression.Parse(chain, Roots).Expression!.Holds(Scope));
        var members = "cf" + string.Concat(Enumerable.Repeat(".a", 2000));
        Assert.Null(CelExpression.Parse(members, Roots).Expression!.Holds(Scope));
    }

    [Fact]
    public void Parse_AnyText_NeverThrows() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        var (expression, error) = CelExpression.Parse(text ?? "", Roots);
        return (expression is null) == (error is not null) && (error is null || error.Position is >= 1 and <= CelExpression.MostLength + 1);
    }).QuickCheckThrowOnFailure();
}
