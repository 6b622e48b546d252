using GatewayOps.Infra.Spec;
using GatewayOps.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace GatewayOps.Tests.Infra;

public class StackSpecReaderTests
{
    private const string Account = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Read_OnlyTheAccount_GivesDefaultsAndTheEndpoint()
    {
        var spec = Read(("accountId", Account)).Spec!;

        Assert.Equal(new StackSpec { AccountId = Account }, spec);
        Assert.Equal($"https://gateway.ai.cloudflare.com/v1/{Account}/openai-compat", spec.Endpoint);
    }

    [Fact]
    public void Read_EveryKey_IsHeard()
    {
        var spec = Read(
            ("accountId", Account), ("gatewayId", "prod-1"), ("gatewayBaseUrl", "http://127.0.0.1:8788/"), ("protect", "false"), ("authentication", "false"), ("byokOnly", "true"),
            ("zdr", "true"), ("workersAiBillingMode", "unified"), ("logManagement", "10000"), ("logManagementStrategy", "STOP_INSERTING"), ("cacheTtl", "300"),
            ("cacheInvalidateOnUpdate", "true"), ("collectLogs", "false"), ("rateLimitingLimit", "100"), ("rateLimitingInterval", "60")).Spec!;

        Assert.Equal(
            new StackSpec
            {
                AccountId = Account,
                GatewayId = "prod-1",
                GatewayBaseUrl = "http://127.0.0.1:8788/",
                Protect = false,
                Authentication = false,
                ByokOnly = true,
                Zdr = true,
                WorkersAiBillingMode = "unified",
                LogManagement = 10_000,
                LogManagementStrategy = "STOP_INSERTING",
                First = new FirstSettings { CacheTtl = 300, CacheInvalidateOnUpdate = true, CollectLogs = false, RateLimitingLimit = 100, RateLimitingInterval = 60 },
            },
            spec);
        Assert.Equal($"http://127.0.0.1:8788/v1/{Account}/prod-1", spec.Endpoint);
    }

    [Fact]
    public void Read_SeveralFaults_ListsEachOnceWithItsKey()
    {
        var (spec, errors) = Read(
            ("gatewayId", "Prod"), ("authentication", "yes"), ("logManagement", "9999"), ("cacheTtl", "5m"), ("rateLimitingLimit", "10"), ("zdrr", "true"), ("gatewayBaseUrl", "ftp://x"));

        Assert.Null(spec);
        Assert.Equal(
            ["accountId", "authentication", "cacheTtl", "gatewayId", "gatewayBaseUrl", "logManagement", "rateLimitingInterval", "zdrr"],
            errors.Select(error => error.Path));
        Assert.Contains("pulumi config set accountId", errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("pulumi config rm zdrr", errors[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://user:pw@gateway.example")]
    [InlineData("https://gateway.example/?x=1")]
    [InlineData("/relative")]
    public void Read_BaseUrlThatIsNone_IsAnError(string url) =>
        Assert.Equal("gatewayBaseUrl", Assert.Single(Read(("accountId", Account), ("gatewayBaseUrl", url)).Errors).Path);

    [Fact]
    public void Parse_ConfigurationOfTheEngine_KeepsOnlyTheProject() =>
        Assert.Equal(
            [KeyValuePair.Create("gatewayId", "prod")],
            StackConfiguration.Parse("""{"gatewayops:gatewayId":"prod","cloudflare:apiToken":"canary","gatewayopsx:gatewayId":"no"}""", "gatewayops"));

    [Fact]
    public void Parse_NoConfiguration_IsEmpty() => Assert.Empty(StackConfiguration.Parse(null, "gatewayops"));

    [Fact]
    public void PulumiProject_ItsKeysTypesAndDefaults_AreThoseOfTheSpecification()
    {
        var keys = ProjectConfig();
        var declared = keys.Where(key => key.Value.Default is not null).Select(key => (key.Key, key.Value.Default!)).Append(("accountId", Account)).ToArray();

        Assert.Equal(new StackSpec { AccountId = Account }, Read(declared).Spec);
        Assert.Equal("string", keys["accountId"].Type);
        Assert.Null(keys["accountId"].Default);
        Assert.All(keys.Values, key => Assert.False(string.IsNullOrEmpty(key.Description)));
        Assert.Contains($"keys of this stack are {string.Join(", ", keys.Keys.Order(StringComparer.Ordinal))}.", Read(("?", "")).Errors[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PulumiProject_RefreshesAlways_AndRunsInfra()
    {
        var project = Yaml("Pulumi.yaml");

        Assert.Equal("infra", project["main"].ToString());
        Assert.Equal("dotnet", project["runtime"].ToString());
        Assert.Equal("always", project["options"]["refresh"].ToString());
    }

    [Fact]
    public void PulumiStack_WithAnAccount_IsValid()
    {
        var config = ((YamlMappingNode)Yaml("Pulumi.dev.yaml")["config"]).Select(entry => (entry.Key.ToString().Split(':')[1], entry.Value.ToString()));

        Assert.Empty(Read([.. config, ("accountId", Account)]).Errors);
    }

    private static StackSpecReading Read(params (string Key, string Value)[] config) => StackSpecReader.Read(config.ToDictionary(entry => entry.Key, entry => entry.Value));

    private static Dictionary<string, (string Type, string? Default, string Description)> ProjectConfig() =>
        ((YamlMappingNode)Yaml("Pulumi.yaml")["config"]).ToDictionary(
            entry => entry.Key.ToString(),
            entry => (entry.Value["type"].ToString(), Child(entry.Value, "default"), entry.Value["description"].ToString()));

    private static string? Child(YamlNode node, string key) => ((YamlMappingNode)node).Children.TryGetValue(new YamlScalarNode(key), out var value) ? value.ToString() : null;

    private static YamlNode Yaml(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.File(file))));
        return stream.Documents[0].RootNode;
    }
}
