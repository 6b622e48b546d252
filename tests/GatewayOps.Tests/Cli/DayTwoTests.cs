using System.Globalization;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Scenarios;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>The verbs against the real service and an emulated Cloudflare, as a platform engineer goes through them.</summary>
public sealed class DayTwoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact, Trait("checklist", "S1-14"), Trait("checklist", "S1-15"), Trait("checklist", "S1-16"), Trait("checklist", "S1-17"), Trait("checklist", "S1-19"), Trait("checklist", "S1-20"), Trait("checklist", "S1-21")]
    public async Task FromNothing_StatusStartExecuteConfigureRemove()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await using var service = await TestService.StartAsync(emulator: cloudflare);
        Task<CliRun> Run(params string[] arguments) => CliRun.AgainstAsync(service.BaseUrl, arguments);
        var rules = File("rules.json", """{"settings":{"cache_ttl":300}}""");

        var inactive = await Run("status", "-o", "json");
        Assert.Equal((0, "inactive"), (inactive.ExitCode, (string?)JsonNode.Parse(inactive.Output)!["state"]));
        Assert.Contains("next:  gatewayops start", inactive.Errors);
        Assert.Equal((0, "", "No configurations found. Add one: gatewayops content add --file FILE\n"), await Seen(Run("content", "list")));
        Assert.Equal("""{"configs":[]}""", (await Run("content", "list", "--format", "json")).Output.Replace("\n", "").Replace(" ", ""));
        Assert.Equal((0, "", "No logs available yet\n"), await Seen(Run("logs")));

        Assert.Equal(0, (await Run("content", "add", "--file", rules)).ExitCode);
        var early = await Run("content", "execute", "--name", "rules");
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("Run start first: gatewayops start", early.Errors);

        Assert.Equal("created openai-compat\n", (await Run("start")).Errors);
        Assert.Equal("already active: openai-compat\n", (await Run("start")).Errors);
        Assert.Single(await cloudflare.ManagementRequestsAsync(), request => request.GetProperty("method").GetString() == "POST" && request.GetProperty("path").GetString()!.EndsWith("/gateways", StringComparison.Ordinal));

        Assert.Equal(0, (await Run("content", "execute", "--name", "rules")).ExitCode);
        Assert.Equal((0, """{"settings":{"cache_ttl":300}}""", ""), await Seen(Run("content", "get", "--name", "rules")));
        var configured = await Run("configure", "--provider", "openrouter", "--cache-ttl", "3600");
        Assert.True(configured.ExitCode == 0, configured.Errors);
        Assert.Contains("cache_ttl: 300 -> 3600", configured.Output);
        Assert.Equal(3600, (int)(await LiveAsync(cloudflare))["cache_ttl"]!);
        var status = await Run("status", "-o", "json");
        Assert.Equal((0, "healthy", "openai-compat"), (status.ExitCode, (string?)JsonNode.Parse(status.Output)!["state"], (string?)JsonNode.Parse(status.Output)!["gateways"]![0]));

        Assert.Equal((0, "", "removed configured\n"), await Seen(Run("content", "remove", "--name", "configured")));
        var gone = await Run("content", "get", "--name", "configured");
        Assert.Equal((1, ""), (gone.ExitCode, gone.Output));
        Assert.Contains("next:  gatewayops content list", gone.Errors);
        Assert.Equal(1, (await Run("content", "execute", "--name", "nobody")).ExitCode);
    }

    [Fact]
    public async Task PlannedOnce_IsExecutedOnce_Paused_Drifted_RolledBack()
    {
        await using var world = await ExecutedWorld.StartAsync("""{"name":"rules","settings":{"cache_ttl":300}}""");
        Task<CliRun> Run(params string[] arguments) => CliRun.AgainstAsync(world.Service.BaseUrl, arguments);
        Assert.Equal(0, (await Run("content", "add", "--name", "rules", "--file", File("more.json", """{"name":"rules","settings":{"cache_ttl":600}}"""))).ExitCode);

        var diff = await Run("content", "diff", "--name", "rules");
        Assert.Equal((1, "rules: 1 -> 2\n  ~ /settings/cache_ttl: 300 -> 600\n"), (diff.ExitCode, diff.Output));
        Assert.Equal(0, (await Run("content", "diff", "--file", File("more.json", """{"name":"rules","settings":{"cache_ttl":600}}"""))).ExitCode);

        var plan = JsonNode.Parse((await Run("plan", "--name", "rules", "-o", "json")).Output)!;
        var hash = (string)plan["hash"]!;
        Assert.NotNull(plan["id"]);
        var text = await Run("plan", "--name", "rules");
        Assert.Equal(1, text.ExitCode);
        Assert.Contains("  ~ gateway openai-compat cache_ttl: 300 -> 600 (set by rules@2)\n", text.Output);
        Assert.Contains($"plan hash {hash}\nplan id   ", text.Output);
        Assert.EndsWith($"--plan-hash {hash}\n", text.Errors);

        var pause = await Run("gateway", "pause", "openai-compat", "--reason", "incident 42");
        Assert.Equal(0, pause.ExitCode);
        var refused = await Run("execute", "--name", "rules", "--plan-hash", hash);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("incident 42", refused.Errors);
        Assert.Contains("gatewayops gateway resume openai-compat", refused.Errors);
        var paused = await Run("status");
        Assert.Contains("gateway openai-compat is paused: ", paused.Errors);
        Assert.Contains("paused", (await Run("gateway", "list")).Output);
        Assert.Equal("resumed openai-compat\n", (await Run("start")).Errors);

        Assert.Equal(0, (await Run("execute", "--name", "rules", "--dry-run")).ExitCode);
        Assert.Equal(300, (int)(await world.LiveAsync())["cache_ttl"]!);
        var executed = await Run("execute", "--name", "rules", "--revision", "2", "--plan-hash", (string)JsonNode.Parse((await Run("plan", "--name", "rules", "-o", "json")).Output)!["hash"]!);
        Assert.True(executed.ExitCode == 0, executed.Errors);
        Assert.Equal(0, (await Run("plan", "--name", "rules")).ExitCode);
        var again = await Run("execute", "--name", "rules", "--plan-hash", hash);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("next:  ", again.Errors);

        Assert.Equal((0, "", "No drift.\n"), await Seen(Run("gateway", "drift", "openai-compat")));
        await world.MeddleAsync(("cache_ttl", 1));
        var drift = await Run("gateway", "drift", "openai-compat");
        Assert.Equal(1, drift.ExitCode);
        Assert.Contains("  ~ gateway openai-compat cache_ttl: 1 -> 600 (", drift.Output);
        var control = await Run("gateway", "control", "openai-compat", "--mode", "observe", "--ignore", "collect_logs", "-o", "json");
        Assert.Equal(("observe", "collect_logs"), ((string?)JsonNode.Parse(control.Output)!["mode"], (string?)JsonNode.Parse(control.Output)!["ignore"]![0]));
        Assert.Contains("observed only", (await Run("status")).Errors);

        Assert.Equal(0, (await Run("rollback", "--name", "rules", "--revision", "1")).ExitCode);
        Assert.Equal(300, (int)(await world.LiveAsync())["cache_ttl"]!);
        Assert.Matches(@"^1 +\w{64} .* openai-compat$", Line(await Run("content", "history", "--name", "rules"), "1 "));
        Assert.Contains("rollback", (await Run("runs", "--trigger", "rollback")).Output);
        Assert.Equal(2, (await Run("gateway", "drift", "nobody")).ExitCode);
    }

    [Fact]
    public async Task Import_AddedAndPlanned_ChangesNothing()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("openai-compat", new Dictionary<string, object?> { ["cache_ttl"] = 120 });
        await using var service = await TestService.StartAsync(emulator: cloudflare);
        Task<CliRun> Run(params string[] arguments) => CliRun.AgainstAsync(service.BaseUrl, arguments);

        var printed = await Run("import", "--gateway", "openai-compat");
        var written = await Run("import", "--gateway", "openai-compat", "--output-file", _folder["imported.json"]);
        Assert.True((0, 0) == (printed.ExitCode, written.ExitCode), printed.Errors + written.Errors);
        Assert.Equal(printed.Output, await System.IO.File.ReadAllTextAsync(_folder["imported.json"]));
        Assert.Equal(0, (await Run("content", "add", "--name", "imported", "--file", _folder["imported.json"])).ExitCode);
        var plan = await Run("plan", "--name", "imported");
        Assert.True(plan.ExitCode == 0, plan.Output + plan.Errors);
        Assert.NotEqual(2, (await Run("lint", "--name", "imported")).ExitCode);
        Assert.Equal(0, (await Run("content", "replay", "--name", "imported", "--file", _folder["imported.json"])).ExitCode);
    }

    [Fact, Trait("checklist", "S3-08")]
    public async Task Tokens_Audit_Replicas()
    {
        await using var service = await TestService.StartAsync();
        Task<CliRun> Run(params string[] arguments) => CliRun.AgainstAsync(service.BaseUrl, arguments);

        var made = JsonNode.Parse((await Run("token", "create", "--name", "ci", "--expires-in", "90d", "-o", "json")).Output)!;
        var (id, token) = ((string)made["id"]!, (string)made["token"]!);
        var life = DateTimeOffset.Parse((string)made["expiresAt"]!, CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow();
        Assert.InRange(life, TimeSpan.FromDays(89.9), TimeSpan.FromDays(90));
        Assert.Equal(0, (await With(token, "content", "list")).ExitCode);
        var forbidden = await With(token, "content", "add", "--name", "x", "--file", File("x.json", "{}"));
        Assert.Equal(1, forbidden.ExitCode);
        Assert.Contains("a token with the scope apply", forbidden.Errors);
        Assert.Contains("ci ", (await Run("token", "list")).Output);
        Assert.DoesNotContain(token, (await Run("token", "list", "-o", "yaml")).Output);

        var rotated = (string)JsonNode.Parse((await Run("token", "rotate", id, "--grace", "0s", "-o", "json")).Output)!["token"]!;
        Assert.Equal(1, (await With(token, "content", "list")).ExitCode);
        Assert.Equal(0, (await With(rotated, "content", "list")).ExitCode);
        Assert.Equal((0, "", $"revoked {id}\n"), await Seen(Run("token", "revoke", id)));
        var revoked = await With(rotated, "content", "list");
        Assert.Equal(1, revoked.ExitCode);
        Assert.Contains("GATEWAYOPS_OPERATOR_TOKEN", revoked.Errors);

        Assert.Contains("token.", (await Run("audit", "list", "--action", "token.*")).Output);
        Assert.Equal(0, (await Run("audit", "verify")).ExitCode);
        await service.Database.ExecuteAsync("alter table audit disable trigger all; update audit set actor = 'nobody' where sequence = 1; alter table audit enable trigger all");
        var broken = await Run("audit", "verify");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("The chain is broken at 1", broken.Errors);
        await service.EventuallyAsync(async () => (await Run("replicas", "-o", "name")).Output.Length > 0, "the replica to tell of itself");

        Task<CliRun> With(string presented, params string[] arguments) =>
            CliRun.InAsync(new Dictionary<string, string> { ["GATEWAYOPS_URL"] = service.BaseUrl.ToString(), ["GATEWAYOPS_OPERATOR_TOKEN"] = presented }, arguments);
    }

    [Fact, Trait("checklist", "S0-02"), Trait("checklist", "S0-15"), Trait("checklist", "S0-16"), Trait("checklist", "S1-10"), Trait("checklist", "S1-28")]
    public async Task Doctor_WithAndWithoutAService_SaysWhatIsWrongAndTheFix()
    {
        await using var cloudflare = await TestEmulator.StartAsync();
        await cloudflare.CreateGatewayAsync("openai-compat");
        await using var service = await TestService.StartAsync(emulator: cloudflare);

        var well = await CliRun.AgainstAsync(service.BaseUrl, "doctor");
        Assert.True(well.ExitCode == 0, well.Output);
        Assert.Equal(["status", "network", "cloudflare"], well.Output.Split('\n').Take(3).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
        Assert.All(well.Output.TrimEnd().Split('\n'), line => Assert.StartsWith("ok ", line));

        // No service answers at the address: this process examines with what it was given.
        var alone = new Dictionary<string, string> { ["GATEWAYOPS_URL"] = "http://127.0.0.1:9", ["CLOUDFLARE_BASE_URL"] = cloudflare.ApiUrl.ToString() };
        var none = await CliRun.InAsync(alone, ["doctor"], _folder.Path);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("Not Configured", none.Errors);
        Assert.Contains("CLOUDFLARE_ACCOUNT_ID", none.Output);

        alone["CLOUDFLARE_ACCOUNT_ID"] = cloudflare.Options.AccountId;
        alone["CLOUDFLARE_API_TOKEN"] = "wrong-token";
        var wrong = await CliRun.InAsync(alone, ["doctor"], _folder.Path);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Matches("(?m)^FAIL +token .*https://dash.cloudflare.com/profile/api-tokens", wrong.Output);
        Assert.DoesNotContain("wrong-token", wrong.Output + wrong.Errors);

        alone["CLOUDFLARE_API_TOKEN"] = cloudflare.Options.ApiToken;
        alone["CLOUDFLARE_GATEWAY_ID"] = "absent";
        var absent = await CliRun.InAsync(alone, ["doctor", "-o", "json"], _folder.Path);
        Assert.Equal(1, absent.ExitCode);
        var gateway = JsonNode.Parse(absent.Output)!["checks"]!.AsArray().Single(check => (string?)check!["name"] == "gateway")!;
        Assert.Equal((false, true), ((bool)gateway["ok"]!, ((string)gateway["fix"]!).Contains("gatewayops gateway create absent", StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(int, string, string)> Seen(Task<CliRun> run) => (await run) is var (code, output, errors) ? (code, output, errors) : default;

    private static string Line(CliRun run, string start) => run.Output.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));

    private static async Task<JsonNode> LiveAsync(TestEmulator cloudflare) =>
        JsonNode.Parse(await cloudflare.Management.GetStringAsync(new Uri("ai-gateway/gateways/openai-compat", UriKind.Relative)))!["result"]!;

    private string File(string name, string text)
    {
        System.IO.File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
