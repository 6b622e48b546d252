using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation.Planning;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData("cache_ttl", "0", "null")]
    [InlineData("rate_limiting_limit", "null", "0")]
    [InlineData("rate_limiting_interval", "0.0", "null")]
    [InlineData("cache_ttl", "300", "3e2")]
    [InlineData("cache_ttl", "300.00", "300")]
    [InlineData("authentication", "null", "false")]
    [InlineData("authentication", "1", "true")]
    [InlineData("collect_logs", "0", "false")]
    [InlineData("store_id", "\"\"", "null")]
    [InlineData("otel", "[]", "null")]
    [InlineData("workers_ai_billing_mode", "null", "\"postpaid\"")]
    [InlineData("guardrails", """{"prompt":{"S1":"BLOCK","P1":"FLAG"},"response":{}}""", """{ "response": {}, "prompt": {"P1":"FLAG","S1":"BLOCK"} }""")]
    [InlineData("spend_limits", """{"enabled":true,"rules":[{"limit":50}]}""", """{"enabled":true,"rules":[{"id":"1a2b3c4d","technique":"sliding","limit":50.0}]}""")]
    public void Field_SameMeaning_IsTheSameValue(string field, string one, string other) =>
        Assert.Equal(Normalizer.Field(field, JsonNode.Parse(one)), Normalizer.Field(field, JsonNode.Parse(other)));

    [Theory]
    [InlineData("retry_delay", "0", "null")]
    [InlineData("cache_ttl", "1", "0")]
    [InlineData("cache_ttl", "\"300\"", "300")]
    [InlineData("rate_limiting_technique", "\"fixed\"", "\"sliding\"")]
    [InlineData("otel", """[{"url":"https://a"}]""", """[{"url":"https://b"}]""")]
    public void Field_OtherMeaning_IsAnotherValue(string field, string one, string other) =>
        Assert.NotEqual(Normalizer.Field(field, JsonNode.Parse(one)), Normalizer.Field(field, JsonNode.Parse(other)));

    [Fact]
    public void Field_NumberBeyondDecimal_KeepsItsText() =>
        Assert.Equal("1e400", Normalizer.Field("log_management", JsonNode.Parse("1e400")).Json);
}
