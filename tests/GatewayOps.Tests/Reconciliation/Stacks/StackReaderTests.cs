using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using GatewayOps.Infra.Spec;
using GatewayOps.Tests.Infra;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation.Stacks;

public sealed class StackReaderTests
{
    private const string Planted = "canaryThatMustNeverBeRepeated0123456789AB";

    /// <summary>The example of the guide.</summary>
    public static string Example { get; } = File.ReadAllText(Repository.File("controlplane/docs/stack.md")).Split("```json\n")[1].Split("\n```")[0];

    [Fact]
    public void Read_TheGuidesExample_HasEverythingInIt()
    {
        var document = Read(Example);

        Assert.Equal("gateways/prod", document.Name);
        Assert.Equal(["authentication", "log_management", "log_management_strategy", "zdr"], Assert.Single(document.Gateways).Fields.Keys.Order());
        Assert.Equal(("prod_openai_default", "openai", "default"), document.Secrets.Select(secret => (secret.Name, secret.Provider, secret.Alias)).Single());
        Assert.Equal(["gateway prod", "secret prod_openai_default", "secret_store 5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e", "token proxy-run"], document.Objects.Select(item => $"{item.Kind} {item.Key}").Order());
    }

    [Fact]
    public void Read_WhatItWrote_IsTheSame()
    {
        var document = Read(Example);

        Assert.Equal(document.ToJson().ToJsonString(), Read(document.ToJson().ToJsonString()).ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("handover", false)]
    [InlineData("handover", true)]
    [InlineData("stack", false)]
    [InlineData("stack", true)]
    public void Read_OutputsOfPulumi_FindsTheHandOver(string output, bool asText)
    {
        var outputs = new JsonObject
        {
            ["gatewayId"] = "prod",
            ["apiToken"] = "[secret]",
            [output] = asText ? Example : JsonNode.Parse(Example),
        };

        Assert.Equal("gateways/prod", Read(outputs.ToJsonString()).Name);
    }

    [Fact]
    public void Read_WhatThePulumiProgramPutsOut_IsTakenWhole()
    {
        var reading = StackSpecReader.Read(
            Configurations.Plain(
                ("accountId", Configurations.Account), ("gateways", """[{"id":"prod","zdr":true},{"id":"dev","guardrails":{"prompt":{"P1":"BLOCK"},"response":{}}}]"""),
                ("otel", """[{"url":"https://otel.example","headers":{"x-team":"canary"}}]"""), ("keys", """[{"gateway":"prod","provider":"openai","env":"KEY"}]"""),
                ("tokens", """[{"name":"proxy-run","use":"run"}]"""), ("accept", """[{"policy":"prompts-logged","reason":"agreed on 1 March"}]""")),
            _ => "sk-canary");
        var spec = reading.Spec!;

        var text = HandOver.Of(spec, "gateways", "prod", "5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e", new Dictionary<string, string> { ["prod_openai_default"] = "3b1f0c2d4e5a69788796a5b4c3d2e1f0" });
        var document = Read(new JsonObject { ["handover"] = text }.ToJsonString());

        Assert.DoesNotContain("canary", text);
        Assert.Equal(["prod", "dev"], document.Gateways.Select(gateway => gateway.Id));
        Assert.Equal(["authentication", "byok_only", "log_classification", "log_management", "log_management_strategy", "logpush", "store_id", "workers_ai_billing_mode", "zdr"], document.Gateways[0].Fields.Keys.Order());
        Assert.Contains("guardrails", document.Gateways[1].Fields.Keys);
        Assert.DoesNotContain("store_id", document.Gateways[1].Fields.Keys);
        Assert.Equal(("5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e", "3b1f0c2d4e5a69788796a5b4c3d2e1f0", "proxy-run"), (document.SecretsStoreId, document.Secrets.Single().Id, document.Tokens.Single()));
        Assert.Equal(spec.EndpointOf(spec.Gateways[0]), document.Endpoint);
    }

    [Theory]
    [InlineData("""{}""", "/schema", "required")]
    [InlineData("""{"stack":"prod"}""", "/schema", "required")]
    [InlineData("""[]""", "", "wrong_type")]
    [InlineData("""{"schema":""", "", "invalid_json")]
    [InlineData("""{"handover":"{"}""", "/handover", "invalid_json")]
    [InlineData("""{"schema":"gatewayops.stack/v1","schema":"gatewayops.stack/v1"}""", "", "invalid_json")]
    [InlineData("""{"schema":"\ud800"}""", "", "invalid_json")]
    public void Read_NoHandOver_SaysSo(string text, string pointer, string code) => Assert.Equal((pointer, code), FirstOf(text));

    [Theory]
    [InlineData("/schema", "\"gatewayops.stack/v2\"", "/schema", "invalid_value")]
    [InlineData("/project", "\"a/b\"", "/project", "invalid_value")]
    [InlineData("/project", "7", "/project", "wrong_type")]
    [InlineData("/accountId", "\"\"", "/accountId", "wrong_type")]
    [InlineData("/endpoint", "\"ftp://x\"", "/endpoint", "invalid_value")]
    [InlineData("/endpoint", "\"https://user:pw@x\"", "/endpoint", "invalid_value")]
    [InlineData("/gateways", "[]", "/gateways", "wrong_type")]
    [InlineData("/gateways/0", "\"prod\"", "/gateways/0", "wrong_type")]
    [InlineData("/gateways/0/id", "\"PROD\"", "/gateways/0/id", "invalid_value")]
    [InlineData("/gateways/0/owner", "\"me\"", "/gateways/0/owner", "unknown_field")]
    [InlineData("/gateways/0/fields/cache_ttl", "60", "/gateways/0/fields/cache_ttl", "invalid_value")]
    [InlineData("/gateways/0/fields/cach_ttl", "60", "/gateways/0/fields/cach_ttl", "unknown_field")]
    [InlineData("/gateways/0/fields/log_management", "1", "/gateways/0/fields/log_management", "out_of_range")]
    [InlineData("/gateways/0/fields/zdr", "\"yes\"", "/gateways/0/fields/zdr", "wrong_type")]
    [InlineData("/gateways/0/fields/otel", "[]", "/gateways/0/fields/otel", "secret")]
    [InlineData("/secrets/0/name", "\"prod_openai_other\"", "/secrets/0/name", "invalid_value")]
    [InlineData("/secrets/0/provider", "\"opneai\"", "/secrets/0/provider", "unknown_provider")]
    [InlineData("/secrets/0/gateway", "\"other\"", "/secrets/0/gateway", "invalid_value")]
    [InlineData("/secrets/0/alias", "\"a_b\"", "/secrets/0/alias", "invalid_value")]
    [InlineData("/secrets/0/value", "\"" + Planted + "\"", "/secrets/0/value", "secret")]
    [InlineData("/secrets/0/id", "\"" + Planted + "\"", "/secrets/0/id", "secret")]
    [InlineData("/tokens/0/name", "\"sk-live-x\"", "/tokens/0/name", "secret")]
    [InlineData("/tokens/0/name", "\"Bearer x\"", "/tokens/0/name", "secret")]
    [InlineData("/tokens/0/token", "\"x\"", "/tokens/0/token", "unknown_field")]
    [InlineData("/gateways/0/fields/log_management_strategy", "\"" + Planted + "\"", "/gateways/0/fields/log_management_strategy", "secret")]
    public void Read_OneFault_IsToldByItsPointerAndNotRepeated(string at, string value, string pointer, string code)
    {
        var reading = StackReader.Read(Encoding.UTF8.GetBytes(With(at, value)));

        Assert.Null(reading.Document);
        Assert.Contains(reading.Errors, error => (error.Pointer, error.Code) == (pointer, code));
        Assert.DoesNotContain(reading.Errors, error => error.Message.Contains(Planted, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_TheSameTwice_IsRefused()
    {
        var json = JsonNode.Parse(Example)!;
        json["gateways"]!.AsArray().Add(json["gateways"]![0]!.DeepClone());

        Assert.Equal(("/gateways/1/id", "duplicate_name"), FirstOf(json.ToJsonString()));
    }

    [Theory]
    [InlineData("production-run-token-of-the-proxy-in-europe")]
    [InlineData("AI Gateway Run (prod, Europe)")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public void Read_OrdinaryNames_AreNoSecrets(string name) => Assert.Equal(name, Read(With("/tokens/0/name", $"\"{name}\"")).Tokens.Single());

    private static string With(string pointer, string value)
    {
        var json = JsonNode.Parse(Example)!;
        var steps = pointer.Split('/')[1..];
        var owner = steps[..^1].Aggregate(json, (node, step) => node is JsonArray items ? items[int.Parse(step)]! : node[step]!);
        if (owner is JsonArray list)
        {
            list[int.Parse(steps[^1])] = JsonNode.Parse(value);
        }
        else
        {
            owner[steps[^1]] = JsonNode.Parse(value);
        }

        return json.ToJsonString();
    }

    private static StackDocument Read(string text)
    {
        var reading = StackReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Empty(reading.Errors);
        return reading.Document!;
    }

    private static (string, string) FirstOf(string text)
    {
        var error = StackReader.Read(Encoding.UTF8.GetBytes(text)).Errors[0];
        return (error.Pointer, error.Code);
    }
}
