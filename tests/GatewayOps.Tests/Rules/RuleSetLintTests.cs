using System.Text.Json;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class RuleSetLintTests
{
    public static TheoryData<string, string, string> Found => new()
    {
        { "looks_like_secret", """{"rules":[{"pattern":"/a","match":{"header":{"x-team":"Bearer abcdefgh12345678"}}}]}""", "/rules/0/match/header/x-team" },
        { "looks_like_secret", """{"settings":{"otel":[{"url":"https://otel.example/?api_key=abcdefgh"}]}}""", "/settings/otel" },
        { "credential_like_header", """{"rules":[{"pattern":"/a","match":{"header":{"x-internal-token":"a*"}}}]}""", "/rules/0/match/header/x-internal-token" },
        { "authentication_off", """{"settings":{"authentication":false}}""", "/settings/authentication" },
        { "authentication_not_asserted", "{}", "/settings" },
        { "no_rate_limit", """{"settings":{"rate_limiting_limit":null}}""", "" },
        { "rate_limit_incomplete", """{"settings":{"rate_limiting_limit":5}}""", "/settings/rate_limiting_limit" },
        { "rate_limit_incomplete", """{"settings":{"rate_limiting_interval":5,"rate_limiting_limit":0}}""", "/settings/rate_limiting_interval" },
        { "rate_limit_never_reached", """{"rules":[{"pattern":"/a","rate_limit":{"limit":3,"interval":1}}],"settings":{"rate_limiting_limit":120,"rate_limiting_interval":60}}""", "/rules/0/rate_limit" },
        { "quota_of_zero", """{"quota":{"providers":{"openai":{"usd":0.0}}}}""", "/quota/providers/openai/usd" },
        { "logs_off", """{"settings":{"collect_logs":false}}""", "/settings/collect_logs" },
        { "rule_logs_off", """{"rules":[{"pattern":"/a","collect_log":false}]}""", "/rules/0/collect_log" },
        { "chat_not_cached", """{"rules":[{"pattern":"/embeddings","cache":{"enabled":true}}]}""", "/rules" },
        { "cache_key_without_content", """{"rules":[{"pattern":"/a","cache":{"enabled":true,"key":["model","temperature"]}}]}""", "/rules/0/cache/key" },
        { "cache_key_without_temperature", """{"rules":[{"pattern":"/a","cache":{"enabled":true,"key":["model","messages"]}}]}""", "/rules/0/cache/key" },
        { "cache_shared_by_tenants", """{"rules":[{"pattern":"/a","cache":{"enabled":true,"share":true}}]}""", "/rules/0/cache/share" },
        { "fallback_without_alternative", """{"fallback":{"enabled":true},"providers":[{"name":"openai","priority":1}]}""", "/fallback/enabled" },
        { "providers_never_tried", """{"providers":[{"name":"openai","priority":2},{"name":"groq","priority":1}]}""", "/providers/0" },
        { "providers_never_tried", """{"fallback":{"enabled":false},"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2}]}""", "/providers/1" },
        { "providers_never_tried", """{"fallback":{"enabled":true,"retry_count":0},"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2}]}""", "/providers/1" },
        { "providers_never_tried", """{"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2,"weight":3}]}""", "/providers/0" },
        { "provider_weight_alone", """{"providers":[{"name":"openai","priority":1,"weight":5},{"name":"groq","priority":2}]}""", "/providers/0/weight" },
        { "route_without_weights", """{"providers":[{"name":"openai","priority":1,"weight":5}],"routes":[{"name":"a","from":"providers","model":"m"}]}""", "/routes" },
        { "timeout_absent", """{"providers":[{"name":"openai","priority":1}]}""", "/providers/0" },
        { "rule_without_effect", """{"rules":[{"pattern":"/a"}]}""", "/rules/0" },
        { "rule_never_matches", """{"rules":[{"pattern":"/chat/completions","match":{"method":"GET"}}]}""", "/rules/0/match/method" },
        { "rule_never_matches", """{"rules":[{"pattern":"/**","match":{"model":"openai/gpt-4o"}}]}""", "/rules/0/match/model" },
        { "rule_never_matches", """{"rules":[{"pattern":"/**","match":{"model":"gpt4"}}]}""", "/rules/0/match/model" },
        { "queue_without_room", """{"rules":[{"pattern":"/a","queue":{"concurrency":1,"depth":0,"timeout":1}}]}""", "/rules/0/queue/depth" },
        { "policies_deny_the_rest", """{"policies":[{"name":"a","actor":"all","resource":{"model":"gpt-*"},"action":{"type":"no-limit"}}]}""", "/policies" },
        { "policies_deny_the_rest", """{"policies":[{"name":"a","actor":"all","resource":"*","action":{"type":"block"}}]}""", "/policies" },
        { "route_without_model", """{"routes":[{"name":"a","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"e"}}},{"id":"e","type":"end"}]}]}""", "/routes/0/elements" },
        { "route_else_never_taken", """{"routes":[{"name":"a","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"p"}}},{"id":"p","type":"percentage","outputs":{"100%":{"elementId":"e"},"else":{"elementId":"e"}}},{"id":"e","type":"end"}]}]}""", "/routes/0/elements/1/outputs/else" },
        { "route_needs_authentication", """{"routes":[{"name":"a","from":"providers"}],"settings":{"authentication":false}}""", "/routes" },
        { "custom_provider_unused", """{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example"}]}""", "/custom_providers/0" },
        { "custom_provider_disabled", """{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example","enable":false}],"providers":[{"name":"custom-a","priority":1}]}""", "/providers/0/name" },
        { "custom_provider_undeclared", """{"rules":[{"pattern":"/a","match":{"provider":"custom-b"}}]}""", "/rules/0/match/provider" },
    };

    [Theory, Trait("checklist", "S3-26")]
    [MemberData(nameof(Found))]
    public void Of_ADeparture_IsFoundAtItsPlace(string code, string document, string pointer) =>
        Assert.Contains(RuleSetLint.Of(Documents.Valid(document)), finding => finding.Code == code && finding.Pointer == pointer && finding.Severity == RuleSetLint.Codes[code]);

    [Fact]
    public void Codes_EachHasACase() => Assert.Empty(RuleSetLint.Codes.Keys.Except(Found.Select(row => (string)row[0])));

    [Theory]
    [InlineData("""{"rules":[{"pattern":"/**","match":{"model":"openai/gpt-4o","provider":"openrouter"},"timeout":5}]}""", "rule_never_matches")]
    [InlineData("""{"rules":[{"pattern":"/**","match":{"model":"gpt-*"},"timeout":5}]}""", "rule_never_matches")]
    [InlineData("""{"rules":[{"pattern":"/**","cache":{"enabled":true}}]}""", "chat_not_cached")]
    [InlineData("""{"rules":[{"pattern":"/a","cache":{"enabled":true,"key":["input","temperature"]}}]}""", "cache_key_without_content")]
    [InlineData("""{"rules":[{"pattern":"/a","cache":{"enabled":false,"key":["model"],"share":true}}]}""", "cache_shared_by_tenants")]
    [InlineData("""{"rules":[{"pattern":"/a","rate_limit":{"limit":2,"interval":1}}],"settings":{"rate_limiting_limit":120,"rate_limiting_interval":60}}""", "rate_limit_never_reached")]
    [InlineData("""{"rules":[{"pattern":"/a","rate_limit":{"limit":2,"interval":1}}]}""", "no_rate_limit")]
    [InlineData("""{"quota":{"usd":5}}""", "no_rate_limit")]
    [InlineData("""{"fallback":{"enabled":true},"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2}]}""", "providers_never_tried")]
    [InlineData("""{"providers":[{"name":"openai","priority":1,"weight":9},{"name":"groq","priority":2,"weight":1}]}""", "providers_never_tried")]
    [InlineData("""{"fallback":{"enabled":true,"retry_count":1},"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2,"weight":1}]}""", "providers_never_tried")]
    [InlineData("""{"policies":[{"name":"a","actor":"all","resource":"*","action":{"type":"limit","amount":1,"period":"daily"}}]}""", "policies_deny_the_rest")]
    [InlineData("""{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example"}],"rules":[{"pattern":"/a","match":{"provider":"custom-*"}}]}""", "custom_provider_unused")]
    [InlineData("""{"name":"task-management-rules","rules":[{"name":"skip-this-long-rule-name","pattern":"/a"}]}""", "looks_like_secret")]
    public void Of_WhatIsMeant_IsNotFound(string document, string code) => Assert.DoesNotContain(RuleSetLint.Of(Documents.Valid(document)), finding => finding.Code == code);

    [Fact]
    public void Of_ASecret_NeverRepeatsIt() =>
        Assert.DoesNotContain(
            RuleSetLint.Of(Documents.Valid("""{"rules":[{"pattern":"/a","match":{"metadata":{"key":"sk-proj-canary0canary0canary0"}}}],"name":"a"}""")),
            finding => finding.Message.Contains("canary", StringComparison.Ordinal));

    [Fact]
    public void Of_EverySample_HasNoWarning() => Assert.All(
        Directory.GetFiles(Repository.File("controlplane/samples"), "*.json").Where(file => !Path.GetFileName(file).StartsWith("seed-", StringComparison.Ordinal)),
        file => Assert.DoesNotContain(RuleSetLint.Of(Documents.Valid(File.ReadAllText(file))), finding => finding.Severity == LintSeverity.Warning));

    [Fact]
    public void Of_AnyDocument_PointsToWhatIsThere() => Assert.All(AnyDocument.Some(200), document =>
        Assert.All(RuleSetLint.Of(Documents.Valid(document.ToJsonString())), finding => Assert.True(Exists(JsonElement.Parse(document.ToJsonString()), finding.Pointer) || finding.Pointer is "/rules" or "/settings", finding.ToString())));

    private static bool Exists(JsonElement value, string pointer) => pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/").Replace("~0", "~")).All(part =>
    {
        if (value.ValueKind == JsonValueKind.Array && int.TryParse(part, out var index) && index < value.GetArrayLength())
            value = value[index];
        else if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
            return false;
        return true;
    });
}
