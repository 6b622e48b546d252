using System.Text.Json.Nodes;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Reconciliation.Import;
using GatewayOps.Infra.Spec;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

/// <summary>`gatewayops stack import`: what it writes for an account that is there is taken by the stack, and the first preview is empty.</summary>
public sealed class StackImportTests : IDisposable
{
    private const string Canary = "canary-of-an-exporter";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Import_AccountThatIsThere_PreviewsEmptyAndKeepsItsSecrets()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("other", new Dictionary<string, object?> { ["rate_limiting_limit"] = 7, ["rate_limiting_interval"] = 0, ["cache_ttl"] = null, ["retry_delay"] = 60_000, ["authentication"] = true });
        await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-ours-0123456789"}""");
        await world.MeddleAsync($$$"""
            {
              "log_management": 50000, "log_management_strategy": "DELETE_OLDEST", "guardrails": {"prompt":{"P1":"BLOCK"},"response":{"S1":"FLAG"}}, "dlp": {"enabled":true,"action":"FLAG","profiles":["a"]},
              "spend_limits": {"enabled":true,"rules":[{"enabled":true,"limitType":"cost","limit":5,"window":60}]}, "otel": [{"url":"https://otel.example","headers":{"x-api-key":"{{{Canary}}}"}}],
              "logpush_public_key": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "retry_max_attempts": 2, "retry_delay": 100, "retry_backoff": "linear", "rate_limiting_limit": 50, "rate_limiting_interval": 10
            }
            """);
        var writes = await world.WritesAsync();

        var run = await CliRun.AgainstAsync(world.Service.BaseUrl, "stack", "import", "gateways/prod", "--output-file", _folder["Pulumi.prod.yaml"]);
        var again = await CliRun.AgainstAsync(world.Service.BaseUrl, "stack", "import", "gateways/prod", "--output-file", _folder["Pulumi.prod.yaml"]);
        var (yaml, resources) = (await File.ReadAllTextAsync(_folder["Pulumi.prod.yaml"]), await File.ReadAllTextAsync(_folder["import.prod.json"]));
        var reading = StackSpecReader.Read(StackConfiguration.Parse(PulumiFilesTests.ConfigOf(yaml), null, "gateways"), _ => null);

        Assert.Equal((0, 1), (run.ExitCode, again.ExitCode));
        Assert.Equal(["accountId: must be 32 lower-case hex digits"], reading.Errors.Select(error => error.ToString()));
        Assert.Empty(await new StackProvider(world.Cloudflare).PreviewAsync(Valid(yaml, world)));
        Assert.Equal(
            ["gatewayops:cloudflare:AiGateway other ", $"cloudflare:index/aiGateway:AiGateway other {world.Cloudflare.Options.AccountId}/other", "gatewayops:cloudflare:AiGateway prod ", $"cloudflare:index/aiGateway:AiGateway prod {world.Cloudflare.Options.AccountId}/prod"],
            JsonNode.Parse(resources)!["resources"]!.AsArray().Select(item => $"{item!["type"]} {item["logicalName"] ?? item["name"]} {item["id"]}"));
        Assert.Contains("secret/prod_openai_default", run.Errors);
        Assert.Contains("prod otel it may hold a credential", run.Errors);
        Assert.Contains("in clear, and the first `pulumi up` makes it secret", run.Errors);
        Assert.Contains("pulumi import --file", run.Output);
        Assert.Contains("pulumi preview --expect-no-changes && pulumi up --yes && pulumi stack output", run.Output);
        Assert.DoesNotContain(Canary, yaml + resources + run.Output + run.Errors + world.Service.Log, StringComparison.Ordinal);
        Assert.Equal(writes, await world.WritesAsync());
    }

    // The stack's defaults would turn authentication on and delete the oldest logs.
    [Fact]
    public void Import_FieldsThatAreNullOrAbsent_StayAsTheyAre()
    {
        var live = JsonNode.Parse("""{"log_management":null,"log_management_strategy":null,"authentication":null,"zdr":null,"logpush":0,"cache_ttl":null,"rate_limiting_limit":10,"rate_limiting_interval":60}""")!.AsObject();
        live.Remove("logpush");
        var answer = StackImport.Of(new LiveStack(Account, [("prod", live)], null, [], []), "gateways");

        var yaml = OutputWriter.Yaml(new JsonObject { ["config"] = answer.Config.DeepClone() });
        var reading = StackSpecReader.Read(StackConfiguration.Parse(PulumiFilesTests.ConfigOf(yaml), null, "gateways"), _ => null);

        Assert.Empty(reading.Errors);
        var fields = reading.Spec!.Gateways.Single().Fields;
        Assert.Equal([false, false, false, false, false, false, false], new[] { "authentication", "zdr", "logpush", "byok_only", "log_classification", "collect_logs", "cache_invalidate_on_update" }.Select(field => fields[field]!.GetValue<bool>()));
        Assert.DoesNotContain(fields, field => field.Key.StartsWith("log_management", StringComparison.Ordinal));
        Assert.Equal((0, 10), (reading.Spec.Gateways[0].Integer("cache_ttl"), reading.Spec.Gateways[0].Integer("rate_limiting_limit")));
    }

    [Fact]
    public void Import_KeysOfGatewaysThatBeginAlike_AreNotedOnceEach()
    {
        var answer = StackImport.Of(new LiveStack(Account, [("a", []), ("a_b", [])], "s", [("a_openai_default", "1"), ("a_b_openai_eu", "2"), ("a_other", "3")], []), "gateways");

        Assert.Equal(["a secret/a_openai_default", "a_b secret/a_b_openai_eu"], answer.Notes.Where(note => note.Gateway is not null).Select(note => $"{note.Gateway} {note.Subject}"));
        Assert.Contains("gatewayops keys remove --gateway a_b --provider openai --alias eu", answer.Notes.Single(note => note.Gateway == "a_b").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_GatewayThatIsNotThere_IsRefusedByName()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var run = await CliRun.AgainstAsync(world.Service.BaseUrl, "stack", "import", "gateways/prod", "--gateway", "none", "--output-file", _folder["Pulumi.prod.yaml"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("none", run.Errors);
        Assert.False(File.Exists(_folder["Pulumi.prod.yaml"]));
    }

    [Fact]
    public async Task Import_OneOfItsFilesIsThere_WritesNeither()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await File.WriteAllTextAsync(_folder["import.prod.json"], "theirs");

        var run = await CliRun.AgainstAsync(world.Service.BaseUrl, "stack", "import", "gateways/prod", "--output-file", _folder["Pulumi.prod.yaml"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("import.prod.json is there already", run.Errors);
        Assert.Equal((false, "theirs"), (File.Exists(_folder["Pulumi.prod.yaml"]), await File.ReadAllTextAsync(_folder["import.prod.json"])));
    }

    // Read as a number, an account id of digits would be another one.
    [Theory]
    [InlineData("01234567890123456789012345678901")]
    [InlineData("12345678901234567890123456789012")]
    [InlineData("1234567890123456789012345678e012")]
    public void Yaml_AccountOfDigits_StaysAText(string account) =>
        Assert.Matches($"accountId: [\"']{account}[\"']", OutputWriter.Yaml(new JsonObject { ["accountId"] = account }));

    public void Dispose() => _folder.Dispose();

    // The emulator's account id is no id of Cloudflare's; all else is as it was written.
    private static StackSpec Valid(string yaml, ReconciliationWorld world)
    {
        var account = world.Cloudflare.Options.AccountId;
        var reading = StackSpecReader.Read(StackConfiguration.Parse(PulumiFilesTests.ConfigOf(yaml.Replace($"accountId: {account}", $"accountId: {Account}", StringComparison.Ordinal)), null, "gateways"), _ => null);
        Assert.Empty(reading.Errors);
        return reading.Spec! with { AccountId = account };
    }
}
