using System.Collections.Immutable;
using GatewayOps.Infra.Components;
using Pulumi;
using Pulumi.Testing;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Tests;

/// <summary>The stack on Pulumi's own mocks: types, names, inputs, secretness of outputs, and what it says of a configuration that is not valid.</summary>
public sealed class GatewayStackTests
{
    [Fact]
    public async Task Stack_OnlyTheAccount_IsOneGatewayAndNothingElse()
    {
        var (resources, mocks) = await StackMocks.RunAsync(new Dictionary<string, string> { ["gatewayops:accountId"] = Stubs.Account }, []);

        Assert.Equal(
            ["cloudflare:index/aiGateway:AiGateway openai-compat", "gatewayops:cloudflare:AiGateway openai-compat"],
            mocks.Made.Where(made => made.Type != "pulumi:pulumi:Stack").Select(made => $"{made.Type} {made.Name}").Order(StringComparer.Ordinal));
        Assert.Equal($"https://gateway.ai.cloudflare.com/v1/{Stubs.Account}/openai-compat", await ValueAsync(resources.OfType<GatewayStack>().Single().Endpoint));
    }

    [Fact, Trait("checklist", "S3-08")]
    public async Task Stack_WholeConfiguration_HasItsResourcesAndInputs()
    {
        var (resources, mocks) = await StackMocks.RunAsync(Stubs.Everything, Stubs.SecretKeys);
        var prod = Inputs(mocks, "cloudflare:index/aiGateway:AiGateway", "prod");
        var key = Inputs(mocks, "cloudflare:index/secretsStoreSecret:SecretsStoreSecret", "prod_openai_default");

        Assert.Equal((2, 1, 1, 2), (resources.OfType<Cloudflare.AiGateway>().Count(), resources.OfType<Cloudflare.SecretsStore>().Count(), resources.OfType<Cloudflare.SecretsStoreSecret>().Count(), resources.OfType<Cloudflare.AccountToken>().Count()));
        Assert.Equal((true, 100_000.0, "id-of-default_secrets_store"), ((bool)prod["zdr"], (double)prod["logManagement"], (string)prod["storeId"]));
        Assert.Equal("BLOCK", ((ImmutableDictionary<string, object>)((ImmutableDictionary<string, object>)prod["guardrails"])["prompt"])["p1"]);
        Assert.Equal(("prod_openai_default", "id-of-default_secrets_store", "ai_gateway"), ((string)key["name"], (string)key["storeId"], ((ImmutableArray<object>)key["scopes"]).Single()));
        Assert.Equal(
            ["id of AI Gateway Read", "id of AI Gateway Write", "id of Account Analytics Read", "id of Secrets Store Read", "id of Secrets Store Write"],
            Groups(Inputs(mocks, Stubs.TokenType, "plane")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stack_Tokens_AreSecretAndTheRestIsNot()
    {
        var (resources, _) = await StackMocks.RunAsync(Stubs.Everything, Stubs.SecretKeys);
        var stack = resources.OfType<GatewayStack>().Single();

        Assert.True(await Output.IsSecretAsync(stack.TokenValues));
        foreach (var token in resources.OfType<AccessToken>())
            Assert.True(await Output.IsSecretAsync(token.Value));
        Assert.False(await Output.IsSecretAsync(stack.HandOver));
        Assert.DoesNotContain("canary", await ValueAsync(stack.HandOver), StringComparison.Ordinal);
        Assert.Equal(["dev", "prod"], (await ValueAsync(stack.Endpoints)).Keys.Order());
    }

    [Fact]
    public async Task Stack_FaultyConfiguration_MakesNothingAndNamesEveryFault()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StackMocks.RunAsync(new Dictionary<string, string> { ["gatewayops:logManagement"] = "1", ["gatewayops:authentication"] = "false" }, []));

        Assert.Contains("  accountId: missing", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("  logManagement: Expected a whole number of log entries from 10000 to 10000000, found 1.", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("(policy authentication-off)", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_ExistingStore_IsUsedAndNoneIsMade()
    {
        var (resources, mocks) = await StackMocks.RunAsync(
            new Dictionary<string, string>
            {
                ["gatewayops:accountId"] = Stubs.Account,
                ["gatewayops:storeId"] = "5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e",
                ["gatewayops:keys"] = """[ { "provider": "openai" } ]""",
                ["gatewayops:providerKeys"] = $$"""{ "openai-compat_openai_default": "{{Stubs.KeyValue}}" }""",
            },
            ["gatewayops:providerKeys"]);

        Assert.Empty(resources.OfType<Cloudflare.SecretsStore>());
        Assert.Equal("5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e", Inputs(mocks, "cloudflare:index/aiGateway:AiGateway", "openai-compat")["storeId"]);
    }

    private static ImmutableDictionary<string, object> Inputs(StackMocks mocks, string type, string name) => Assert.Single(mocks.Made, made => made.Type == type && made.Name == name).Inputs;

    private static IEnumerable<string> Groups(ImmutableDictionary<string, object> token) =>
        ((ImmutableArray<object>)((ImmutableDictionary<string, object>)((ImmutableArray<object>)token["policies"]).Single())["permissionGroups"]).Select(group => (string)((ImmutableDictionary<string, object>)group)["id"]);

    private static Task<T> ValueAsync<T>(Output<T> output)
    {
        var known = new TaskCompletionSource<T>();
        output.Apply(value =>
        {
            known.SetResult(value);
            return value;
        });
        return known.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
