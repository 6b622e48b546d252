using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;
using GatewayOps.Rules.Reading;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class RuleSetReaderTests
{
    [Fact, Trait("checklist", "S1-26")]
    public void Read_SeedCacheShape_GivesEveryValue()
    {
        var rule = Assert.Single(Documents.Valid("""{"rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":3600,"key":["model","messages"]}}]}""").Rules);

        Assert.Equal("/chat/completions", rule.Pattern);
        Assert.True(rule.Cache!.Enabled);
        Assert.Equal(3600, rule.Cache.Ttl);
        Assert.Equal(["model", "messages"], rule.Cache.Key);
    }

    [Fact, Trait("checklist", "S1-27")]
    public void Read_SeedFallbackShape_GivesEveryValue()
    {
        var document = Documents.Valid("""
            {"providers":[{"name":"openrouter","priority":1,"timeout":30000},{"name":"openai","priority":2,"timeout":30000}],"fallback":{"enabled":true,"retry_count":3}}
            """);

        Assert.Equal(
            [new ProviderEntry { Name = "openrouter", Priority = 1, Timeout = 30000 }, new ProviderEntry { Name = "openai", Priority = 2, Timeout = 30000 }],
            document.Providers);
        Assert.Equal(new Fallback { Enabled = true, RetryCount = 3 }, document.Fallback);
    }

    [Fact]
    public void Read_EmptyDocument_IsValid() => Assert.True(Documents.Read("{}").IsValid);

    [Fact]
    public void Read_BrokenDocument_ListsEveryErrorWithItsPlace()
    {
        var reading = RuleSetReader.Read(File.ReadAllBytes(Repository.File("tests/GatewayOps.Tests/Golden/rules/broken.json")));

        Assert.Null(reading.RuleSet);
        Golden.Matches("rules/broken.errors.txt", string.Concat(reading.Errors.Select(error => $"{error.Pointer}\n  {error.Code}: {error.Message}\n")));
    }

    [Fact]
    public void Read_BrokenDocument_NeverQuotesWhatMayBeASecret() =>
        Assert.DoesNotContain(
            RuleSetReader.Read(File.ReadAllBytes(Repository.File("tests/GatewayOps.Tests/Golden/rules/broken.json"))).Errors,
            error => error.Message.Contains("secret-canary", StringComparison.Ordinal));

    [Theory]
    [InlineData("", "line 1, column 1")]
    [InlineData("{", "line 1, column 2")]
    [InlineData("{\n  \"rules\": [\n    oops\n  ]\n}", "line 3, column 5")]
    [InlineData("{\"a\":1,}", "line 1, column 8")]
    [InlineData("{} {}", "line 1, column 4")]
    [InlineData("{'a':1}", "line 1, column 2")]
    [InlineData("// comment\n{}", "line 1, column 1")]
    [InlineData("{\"priority\":01}", "line 1, column 14")]
    [InlineData("{\"priority\":NaN}", "line 1, column 13")]
    [InlineData("{\"name\":\"a\nb\"}", "line 1, column 11")]
    public void Read_NotJson_GivesLineAndColumn(string text, string place)
    {
        var error = Documents.SingleError(text);

        Assert.Equal(RuleSetErrorCodes.InvalidJson, error.Code);
        Assert.Equal("", error.Pointer);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("[]", "a list")]
    [InlineData("null", "null")]
    [InlineData("\"text\"", "the text \"text\"")]
    [InlineData("12", "12")]
    [InlineData("true", "true")]
    public void Read_NotAnObject_SaysWhatItFound(string json, string found)
    {
        var error = Documents.SingleError(json);

        Assert.Equal((RuleSetErrorCodes.WrongType, ""), (error.Code, error.Pointer));
        Assert.EndsWith($"found {found}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DuplicateKeys_FindsAllOfThem()
    {
        var errors = Documents.Read("""{"priority":1,"priority":1,"rules":[{"pattern":"/a","pattern":"/a"}],"x/y":{"~":1,"~":2}}""").Errors;

        Assert.Equal(["/priority", "/rules/0/pattern", "/x~1y/~0"], errors.Where(error => error.Code == RuleSetErrorCodes.DuplicateKey).Select(error => error.Pointer));
    }

    [Fact]
    public void Read_KeysThatDifferOnlyInEscapes_AreDuplicates() =>
        Assert.Equal(RuleSetErrorCodes.DuplicateKey, Documents.SingleError("""{"priority":1,"\u0070riority":1}""").Code);

    [Theory]
    [InlineData("""{"name":"\ud800"}""", "/name")]
    [InlineData("""{"providers":[{"name":"\udc00x"}]}""", "/providers/0/name")]
    [InlineData("""{"\ud800":1}""", "")]
    public void Read_LoneSurrogate_IsAnErrorAtItsPlace(string json, string pointer)
    {
        var error = Documents.SingleError(json);

        Assert.Equal((RuleSetErrorCodes.InvalidText, pointer), (error.Code, error.Pointer));
    }

    [Fact]
    public void Read_InvalidUtf8_IsAnErrorAtItsPlace()
    {
        byte[] document = [.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        var error = Assert.Single(RuleSetReader.Read(document).Errors);

        Assert.Equal((RuleSetErrorCodes.InvalidText, "/name"), (error.Code, error.Pointer));
    }

    [Fact]
    public void Read_ByteOrderMark_IsIgnored() => Assert.True(RuleSetReader.Read((byte[])[0xEF, 0xBB, 0xBF, .. "{}"u8]).IsValid);

    [Fact]
    public void Read_SixteenBitText_IsAnError() => Assert.False(RuleSetReader.Read(Encoding.Unicode.GetBytes("{}")).IsValid);

    [Fact]
    public void Read_OneByteOverTheBound_IsRefusedUnread()
    {
        var atBound = "{}" + new string(' ', DocumentText.MaxBytes - 2);

        Assert.True(Documents.Read(atBound).IsValid);
        Assert.Equal(RuleSetErrorCodes.TooLarge, Documents.SingleError(atBound + " ").Code);
    }

    [Theory]
    [InlineData(33)]
    [InlineData(100_000)]
    public void Read_TooDeep_IsRefused(int depth) =>
        Assert.Equal(RuleSetErrorCodes.InvalidJson, Documents.SingleError(new string('[', depth) + new string(']', depth)).Code);

    [Theory]
    [InlineData("1", true)]
    [InlineData("1.0", true)]
    [InlineData("1e2", true)]
    [InlineData("0.5e1", true)]
    [InlineData("-0.0", true)]
    [InlineData("1.5", false)]
    [InlineData("1e-400", false)]
    [InlineData("1e400", false)]
    [InlineData("99999999999999999999999999", false)]
    [InlineData("\"1\"", false)]
    public void Read_WholeNumber_IsJudgedByItsValueNotItsNotation(string number, bool valid) =>
        Assert.Equal(valid, Documents.Read($$"""{"priority":{{number}}}""").IsValid);

    [Theory]
    [InlineData("cache_ttl", "0", true)]
    [InlineData("cache_ttl", "2592000", true)]
    [InlineData("cache_ttl", "2592001", false)]
    [InlineData("cache_ttl", "null", true)]
    [InlineData("collect_logs", "null", false)]
    [InlineData("retry_max_attempts", "0", false)]
    [InlineData("retry_max_attempts", "5", true)]
    [InlineData("retry_delay", "60000", true)]
    [InlineData("retry_backoff", "\"exponential\"", true)]
    [InlineData("log_management", "9999", false)]
    [InlineData("log_management_strategy", "\"DELETE_OLDEST\"", true)]
    [InlineData("authentication", "true", true)]
    [InlineData("guardrails", """{"prompt":{"P1":"BLOCK"},"response":{}}""", true)]
    [InlineData("dlp", """{"enabled":true,"action":"BLOCK","profiles":["p"]}""", true)]
    [InlineData("dlp", """{"enabled":true,"policies":[{"id":"p1","enabled":true,"action":"FLAG","check":["REQUEST","RESPONSE"],"profiles":["u"]}]}""", true)]
    [InlineData("spend_limits", """{"enabled":true,"rules":[{"limitType":"cost","limit":50,"window":86400,"technique":"sliding","metadata":{"user_id":{"mode":"partition"}}}]}""", true)]
    [InlineData("otel", """[{"url":"https://otel.example"}]""", true)]
    [InlineData("stripe", "{}", false)]
    [InlineData("created_at", "\"2026-01-01\"", false)]
    public void Read_Setting_FollowsTheContract(string field, string value, bool valid) =>
        Assert.Equal(valid, Documents.Read("{\"settings\":{\"" + field + "\":" + value + "}}").IsValid);

    [Fact]
    public void Settings_EveryFieldWithAnOwner_HasARowAndNoOther() =>
        Assert.Equal(FieldOwnership.Fields.Order(), SettingsShape.Check.Fields.Select(field => field.Name).Order());

    [Theory]
    [InlineData("""{"rules":[{"pattern":"/a","quota":{}}]}""", "/rules/0/quota", "at the top of the document")]
    [InlineData("""{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example","headers":"{}"}]}""", "/custom_providers/0/headers", "keys put")]
    [InlineData("""{"settings":{"stripe":null}}""", "/settings/stripe", "Pulumi stack")]
    public void Read_KnownAndRefused_SaysWhatToWriteInstead(string json, string pointer, string instead)
    {
        var error = Documents.SingleError(json);

        Assert.Equal((RuleSetErrorCodes.NotSupported, pointer), (error.Code, error.Pointer));
        Assert.Contains(instead, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/chat/*", "/*/completions")]
    [InlineData("/a/**", "/a/**")]
    [InlineData("/**/a", "/a/**")]
    [InlineData("/**/**/x", "/**/x")]
    public void Read_RulesThatTie_NamesBothAtTheSecond(string first, string second)
    {
        var error = Documents.SingleError($$"""{"rules":[{"name":"one","pattern":"{{first}}"},{"name":"two","pattern":"{{second}}"}]}""");

        Assert.Equal((RuleSetErrorCodes.RulesTie, "/rules/1"), (error.Code, error.Pointer));
        Assert.Contains($"two ({second}) and one ({first})", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"pattern\":\"/chat/*\"", "\"pattern\":\"/embeddings/*\"")]
    [InlineData("\"pattern\":\"/a*\"", "\"pattern\":\"/ab*\"")]
    [InlineData("\"pattern\":\"/**\",\"match\":{\"model\":\"gpt-*\"}", "\"pattern\":\"/**\",\"match\":{\"model\":\"claude-*\"}")]
    [InlineData("\"pattern\":\"/**\",\"match\":{\"model\":\"gpt-*\"}", "\"pattern\":\"/**\",\"match\":{\"provider\":\"openai\"}")]
    [InlineData("\"pattern\":\"/**\",\"match\":{\"method\":\"GET\"}", "\"pattern\":\"/**\",\"match\":{\"method\":\"POST\"}")]
    public void Read_RulesThatDoNotTie_AreValid(string first, string second) =>
        Assert.Empty(Documents.Read("{\"rules\":[{" + first + "},{" + second + "}]}").Errors);

    [Fact]
    public void Read_RuleWithAFaultyCondition_IsNotTakenForAWiderOne() =>
        Assert.Equal("/rules/1/match/provider", Documents.SingleError("""{"rules":[{"pattern":"/**"},{"pattern":"/**","match":{"provider":"opnai"}}]}""").Pointer);

    [Fact]
    public void Read_OneProviderWithTwoModels_IsValid() =>
        Assert.Empty(Documents.Read("""{"providers":[{"name":"openai","priority":1},{"name":"openai","priority":2,"model":"gpt-4o-mini"}]}""").Errors);

    [Fact]
    public void Read_TooManyErrors_SaysThatTheListIsCut()
    {
        var errors = Documents.Read("{" + string.Join(',', Enumerable.Range(0, ErrorList.Most + 1).Select(n => $"\"x{n}\":1")) + "}").Errors;

        Assert.Equal(ErrorList.Most + 1, errors.Count);
        Assert.Equal(RuleSetErrorCodes.MoreErrors, errors[^1].Code);
    }

    [Fact]
    public void Read_ManyRulesOfOneRank_IsQuick()
    {
        var rules = string.Join(',', Enumerable.Range(0, 500).Select(n => $$$"""{"pattern":"/*/{{{n}}}/*/x","match":{"model":"*a{{{n}}}*b*c*"}}"""));

        Assert.True(Documents.Read($$"""{"rules":[{{rules}}]}""").IsValid);
    }

    [Fact]
    public void Read_OneRuleTooMany_IsRefused() =>
        Assert.Equal((RuleSetErrorCodes.OutOfRange, "/rules"), Documents.SingleError($$"""{"rules":[{{string.Join(',', Enumerable.Repeat("{}", 10_001))}}]}""") is var error ? (error.Code, error.Pointer) : default);

    [Fact]
    public void Read_AnyBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => RuleSetReader.Read(bytes) is { IsValid: false, Errors.Count: > 0 }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_DamagedDocument_NeverThrows()
    {
        var sound = File.ReadAllBytes(Repository.File("controlplane/samples/production-rules.json"));
        var damage = from at in Gen.Choose(0, sound.Length - 1) from value in Gen.Choose(0, 255) select (at, (byte)value);

        Prop.ForAll(damage.NonEmptyListOf().ToArbitrary(), hits =>
        {
            var document = sound.ToArray();
            foreach (var (at, value) in hits)
                document[at] = value;
            var reading = RuleSetReader.Read(document);
            return reading.IsValid == (reading.Errors.Count == 0);
        }).QuickCheckThrowOnFailure();
    }
}
