using System.Text.Json.Nodes;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>What each verb asks of the service: method, path and body.</summary>
public sealed class VerbRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory, Trait("checklist", "S1-17")]
    [InlineData("gateway list", "GET /api/v1/gateways", null)]
    [InlineData("gateway show prod", "GET /api/v1/gateways/prod", null)]
    [InlineData("gateway show a/b", "GET /api/v1/gateways/a%2Fb", null)]
    [InlineData("gateway drift prod", "GET /api/v1/gateways/prod/drift", null)]
    [InlineData("gateway create prod", "POST /api/v1/gateways", """{"id":"prod","settings":{"authentication":true}}""")]
    [InlineData("gateway reconcile prod", "POST /api/v1/reconcile", """{"gateway":"prod"}""")]
    [InlineData("gateway pause prod --reason incident", "POST /api/v1/gateways/prod/pause", """{"reason":"incident"}""")]
    [InlineData("gateway pause prod", "POST /api/v1/gateways/prod/pause", "{}")]
    [InlineData("gateway resume prod", "POST /api/v1/gateways/prod/resume", "{}")]
    [InlineData("content list", "GET /api/v1/content", null)]
    [InlineData("content get --name rules", "GET /api/v1/content/rules", null)]
    [InlineData("content get --name rules -r 3", "GET /api/v1/content/rules/revisions/3", null)]
    [InlineData("content history --name rules", "GET /api/v1/content/rules/revisions", null)]
    [InlineData("content diff --name rules", "GET /api/v1/content/rules/diff", null)]
    [InlineData("content diff --name rules --from 1 --to 3", "GET /api/v1/content/rules/diff?from=1&to=3", null)]
    [InlineData("content plan --name rules", "POST /api/v1/content/rules/plan", "{}")]
    [InlineData("plan --name rules --revision 2 --prune --allow-mass-delete", "POST /api/v1/content/rules/plan", """{"revision":2,"prune":true,"allowMassDelete":true}""")]
    [InlineData("execute --name rules", "POST /api/v1/content/rules/execute", """{"revision":null}""")]
    [InlineData(
        "content execute --name rules --revision 2 --plan-hash abc --plan-id 7 --dry-run --prune --allow-mass-delete",
        "POST /api/v1/content/rules/execute",
        """{"planHash":"abc","planId":"7","dryRun":true,"prune":true,"allowMassDelete":true,"revision":2}""")]
    [InlineData("rollback --name rules --revision 1 --dry-run", "POST /api/v1/content/rules/rollback", """{"dryRun":true,"revision":1}""")]
    [InlineData("content replay --name rules --revision 2 --gateway prod --since 24h --limit 9", "POST /api/v1/content/rules/replay", """{"revision":2,"gateway":"prod","since":"24h","limit":9}""")]
    [InlineData("runs", "GET /api/v1/runs?limit=20", null)]
    [InlineData("runs --gateway prod --trigger execute --outcome failed --limit 5", "GET /api/v1/runs?gateway=prod&trigger=execute&outcome=failed&limit=5", null)]
    [InlineData("logs backfill --gateway prod --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z --source telemetry", "POST /api/v1/logs/backfill", """{"gateway":"prod","from":"2026-11-20T00:00:00.0000000Z","to":"2026-11-21T00:00:00.0000000Z","source":"telemetry"}""")]
    [InlineData("logs", "GET /api/v1/logs?limit=50", null)]
    [InlineData("logs --tail 10 --gateway prod", "GET /api/v1/logs?gateway=prod&limit=10", null)]
    [InlineData("audit list --action a --actor b --target c/d --limit 3", "GET /api/v1/audit?action=a&actor=b&target=c%2Fd&limit=3", null)]
    [InlineData("audit verify", "GET /api/v1/audit/verify", null)]
    [InlineData("replicas", "GET /api/v1/replicas", null)]
    [InlineData("token list", "GET /api/v1/tokens", null)]
    [InlineData("token create --name ci --scope apply --expires-in 90d", "POST /api/v1/tokens", """{"name":"ci","scope":"apply","expiresIn":7776000}""")]
    [InlineData("token create --name ci", "POST /api/v1/tokens", """{"name":"ci","scope":"read"}""")]
    [InlineData("token list --key", "GET /api/v1/tokens?kind=key", null)]
    [InlineData("token create --name team --key", "POST /api/v1/tokens", """{"name":"team","key":{}}""")]
    [InlineData(
        "token create --name team --key --model gpt-* --model openai/o3 -g prod --tenant acme --rpm 60 --tpm 90000 --budget 12.5 --window month --expires-in 1h",
        "POST /api/v1/tokens",
        """{"name":"team","key":{"models":["gpt-*","openai/o3"],"gateways":["prod"],"tenant":"acme","requestsPerMinute":60,"tokensPerMinute":90000,"budgetUsd":12.5,"budgetWindow":"month"},"expiresIn":3600}""")]
    [InlineData("token rotate 7 --grace 15m", "POST /api/v1/tokens/7/rotate", """{"grace":900}""")]
    [InlineData("token rotate 7 --grace 0s --expires-in 1h", "POST /api/v1/tokens/7/rotate", """{"grace":0,"expiresIn":3600}""")]
    [InlineData("token rotate 7", "POST /api/v1/tokens/7/rotate", "{}")]
    [InlineData("token revoke 7", "DELETE /api/v1/tokens/7", null)]
    [InlineData("stack list", "GET /api/v1/stacks", null)]
    [InlineData("keys list", "GET /api/v1/provider-keys", null)]
    [InlineData("keys remove --gateway prod --provider openai", "DELETE /api/v1/provider-keys/prod/openai/default", null)]
    [InlineData("import", "POST /api/v1/import", "{}")]
    [InlineData("import --gateway a --gateway b --name rules", "POST /api/v1/import", """{"gateways":["a","b"],"name":"rules"}""")]
    [InlineData("usage --by model --since 7d", "GET /api/v1/usage?by=model&since=7d", null)]
    [InlineData("usage --by hour --until 1h -g prod -p openai --virtual-key team", "GET /api/v1/usage?by=hour&since=24h&until=1h&gateway=prod&provider=openai&key=team", null)]
    [InlineData("logs --status 5xx --since 2h --request-id a/b --session s --tail 5", "GET /api/v1/logs?status=5xx&since=2h&requestId=a%2Fb&session=s&limit=5", null)]
    [InlineData("logs --source proxy --outcome ok --model m --tail 5", "GET /api/v1/requests?model=m&outcome=ok&limit=5", null)]
    [InlineData("analytics --by hour --since 7d -g prod", "GET /api/v1/analytics?by=hour&since=7d&gateway=prod", null)]
    [InlineData("analytics reconcile --tolerance 0.05", "GET /api/v1/analytics/reconciliation?since=24h&tolerance=0.05", null)]
    [InlineData("usage --compare openai/gpt-4", "GET /api/v1/usage?by=provider&since=24h&compare=openai%2Fgpt-4", null)]
    public async Task Verb_AsksTheServiceFor(string line, string route, string? body)
    {
        await using var service = await StubService.StartAsync();
        service.On(route.Split('?')[0], """{"documents":[],"status":[]}""");

        var run = await CliRun.AgainstAsync(service.Url, line.Split(' '));

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(route, $"{service.Request.Method} {service.Request.Path}");
        Assert.Equal($"Bearer {TestService.OperatorToken}", service.Request.Authorization);
        Assert.True(JsonNode.DeepEquals(body is null ? null : JsonNode.Parse(body), service.Request.Json), service.Request.Body);
    }

    [Fact]
    public async Task Control_Options_ChangeOnlyWhatTheyName_UnderTheTagThatWasRead()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/gateways/prod/control", """{"mode":"observe","ignore":["cache_ttl","route/chat"]}""", 200, ("ETag", "\"5\""));
        service.On("PUT /api/v1/gateways/prod/control", request => new StubAnswer(request.Body));

        var run = await CliRun.AgainstAsync(service.Url, "gateway", "control", "prod", "--ignore", "policy/eu", "--heed", "cache_ttl", "-o", "json");

        Assert.Equal(0, run.ExitCode);
        var put = service.Requests[1];
        Assert.Equal("\"5\"", put.IfMatch);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"mode":"observe","ignore":["policy/eu","route/chat"]}"""), put.Json), put.Body);
        Assert.True(JsonNode.DeepEquals(put.Json, JsonNode.Parse(run.Output)));
    }

    [Fact]
    public async Task Control_NoOptions_OnlyReads()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/gateways/prod/control", """{"gateway":"prod","mode":"observe","ignore":["cache_ttl"]}""");

        var run = await CliRun.AgainstAsync(service.Url, "gateway", "control", "prod");

        Assert.Equal("GET", service.Request.Method);
        Assert.Matches("prod +observe +cache_ttl", run.Output);
    }

    [Fact]
    public async Task Control_HeedOfWhatIsNotIgnored_ChangesNothing()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/gateways/prod/control", """{"mode":"enforce","ignore":[]}""");

        var run = await CliRun.AgainstAsync(service.Url, "gateway", "control", "prod", "--heed", "cache_ttl");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("GET", service.Request.Method);
        Assert.Contains("cache_ttl is not ignored", run.Errors);
    }

    [Theory]
    [InlineData("content remove --name rules", "/api/v1/content/rules")]
    [InlineData("stack remove gateways/prod", "/api/v1/stacks/gateways/prod")]
    public async Task Remove_DeletesWhatItRead(string line, string path)
    {
        await using var service = await StubService.StartAsync();
        service.On($"GET {path}", "{}", 200, ("ETag", "\"9\""));
        service.On($"DELETE {path}", "", 204);

        var run = await CliRun.AgainstAsync(service.Url, line.Split(' '));

        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Equal(("DELETE", "\"9\""), (service.Requests[1].Method, service.Requests[1].IfMatch));
        Assert.StartsWith("removed ", run.Errors);
    }

    [Fact, Trait("checklist", "S2-24")]
    public async Task KeysRotate_FromAFile_SendsTheValue_AndShowsNone()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/provider-keys/prod/openai/team-a/rotate", """{"gateway":"prod","provider":"openai","alias":"team-a","fingerprint":"abc"}""");
        await File.WriteAllTextAsync(_folder["key"], "sk-new\n");

        var run = await CliRun.AgainstAsync(service.Url, "keys", "rotate", "--gateway", "prod", "--provider", "openai", "--alias", "team-a", "--from-file", _folder["key"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("""{"value":"sk-new"}""", service.Request.Body);
        Assert.DoesNotContain("sk-new", run.Output + run.Errors);
    }

    [Fact]
    public async Task KeysPut_LinkFailed_SaysThatTheKeyIsStored()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/provider-keys", """{"gateway":"prod","provider":"openai","alias":"default","run":{"outcome":"failed","error":"Cloudflare is away"}}""", 201);
        await File.WriteAllTextAsync(_folder["key"], "sk-new");

        var run = await CliRun.AgainstAsync(service.Url, "keys", "put", "--gateway", "prod", "--provider", "openai", "--from-file", _folder["key"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The key is stored, and not linked to the gateway yet: Cloudflare is away", run.Errors);
    }

    [Fact]
    public async Task StackAdopt_File_IsSentAsItIs()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/stack", """{"name":"gateways/prod","hash":"abc"}""");
        await File.WriteAllTextAsync(_folder["stack.json"], """{ "schema": "any", "stack": "thing" }""");

        var run = await CliRun.AgainstAsync(service.Url, "stack", "adopt", "--file", _folder["stack.json"], "--dry-run");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("/api/v1/stack?dryRun=true", """{ "schema": "any", "stack": "thing" }"""), (service.Request.Path, service.Request.Body));
    }

    [Theory]
    [InlineData("""{ "tokens": { "run": "cfat_canary" }, "stack": { "schema": "gatewayops.stack/v1" } }""", """{"stack":{"schema":"gatewayops.stack/v1"}}""")]
    [InlineData("""{ "stack": "other", "tokens": { "run": "cfat_canary" }, "handover": "{}" }""", """{"handover":"{}"}""")]
    public async Task StackAdopt_OutputOfEitherName_SendsItAlone(string outputs, string sent)
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/stack", """{"name":"gateways/prod","hash":"abc"}""");
        await File.WriteAllTextAsync(_folder["outputs.json"], outputs);

        var run = await CliRun.AgainstAsync(service.Url, "stack", "adopt", "--file", _folder["outputs.json"]);

        Assert.Equal((0, sent), (run.ExitCode, service.Request.Body));
    }

    [Theory]
    [InlineData("""{ "tokens": { "run": "cfat_canary" } }""")]
    [InlineData("""{ "tokens": { "run": "cfat_canary" }, "handover": null }""")]
    public async Task StackAdopt_OutputsWithoutHandOver_AreRefusedAndNothingIsSent(string outputs)
    {
        await using var service = await StubService.StartAsync();
        await File.WriteAllTextAsync(_folder["outputs.json"], outputs);

        var run = await CliRun.AgainstAsync(service.Url, "stack", "adopt", "--file", _folder["outputs.json"]);

        Assert.Equal((1, 0), (run.ExitCode, service.Requests.Count));
        Assert.Contains("The file holds no hand-over", run.Errors);
        Assert.DoesNotContain("canary", run.Output + run.Errors);
    }

    [Fact]
    public async Task StackAdopt_OutputsWithTheirSecrets_SendsTheHandOverAlone()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/stack", """{"name":"gateways/prod","hash":"abc"}""");
        await File.WriteAllTextAsync(_folder["outputs.json"], """{ "tokens": { "run": "cfat_canary" }, "handover": "{}" }""");

        var run = await CliRun.AgainstAsync(service.Url, "stack", "adopt", "--file", _folder["outputs.json"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("""{"handover":"{}"}""", service.Request.Body);
        Assert.DoesNotContain("canary", run.Output + run.Errors);
    }

    [Fact]
    public async Task Import_OutputFile_IsWrittenOnce()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/import", """{"documents":[{"name":"imported","gateways":["prod"],"document":{"name":"imported","settings":{"cache_ttl":60}}}],"notes":[{"gateway":"prod","message":"guardrails belong to Pulumi"}]}""");

        var run = await CliRun.AgainstAsync(service.Url, "import", "--output-file", _folder["rules.json"]);
        var again = await CliRun.AgainstAsync(service.Url, "import", "--output-file", _folder["rules.json"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Contains("note:  prod guardrails belong to Pulumi", run.Errors);
        Assert.True((await CliRun.InProcessAsync("content", "validate", "--file", _folder["rules.json"])).ExitCode == 0);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("cannot be written", again.Errors);
    }

    [Fact]
    public async Task Replay_Draft_IsSentWhole_AndDifferencesExitOne()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/content/rules/replay", """
            {"compared":3,"changed":2,"groups":[{"count":2,"fields":["rule"],"before":{"rule":"a","retries":3},"after":{"rule":"b","retries":3},"example":"r-1"}],"changes":[],
             "notComparable":{"count":2,"why":[{"reason":"without headers","count":2}]}}
            """);
        await File.WriteAllTextAsync(_folder["rules.json"], """{"settings":{"cache_ttl":60}}""");

        var run = await CliRun.AgainstAsync(service.Url, "content", "replay", "--name", "rules", "--file", _folder["rules.json"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(60, (int)service.Request.Json!["document"]!["settings"]!["cache_ttl"]!);
        Assert.Matches(@"2 +rule: a -> b +r-1\n", run.Output);
        Assert.Equal("2 of 3 decisions change; 2 requests could not be compared: 2 without headers\n", run.Errors);
    }

    [Fact]
    public async Task DiffWithFile_IsComparedHere_AndOrderIsNoDifference()
    {
        await using var service = await StubService.StartAsync();
        service.On("GET /api/v1/content/rules", """{"rules":[{"name":"a","pattern":"/a"},{"name":"b","pattern":"/b"}],"settings":{"cache_ttl":60}}""");
        await File.WriteAllTextAsync(_folder["rules.json"], """{"rules":[{"name":"b","pattern":"/b"},{"name":"a","pattern":"/a"}],"settings":{"cache_ttl":60}}""");
        await File.WriteAllTextAsync(_folder["other.json"], """{"name":"rules","rules":[{"name":"a","pattern":"/a"},{"name":"b","pattern":"/c"}],"settings":{"cache_ttl":90}}""");

        var same = await CliRun.AgainstAsync(service.Url, "content", "diff", "--file", _folder["rules.json"]);
        var other = await CliRun.AgainstAsync(service.Url, "content", "diff", "--file", _folder["other.json"]);

        Assert.Equal((0, "", "No differences.\n"), (same.ExitCode, same.Output, same.Errors));
        Assert.Equal(1, other.ExitCode);
        Assert.True(other.Output.Contains("  ~ /settings/cache_ttl: 60 -> 90\n", StringComparison.Ordinal), other.Output);
        Assert.Contains("  ~ /rules/1/pattern: \"/b\" -> \"/c\"\n", other.Output);
        Assert.All(service.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Theory]
    [InlineData("content diff")]
    [InlineData("content diff --file x.json --to 3")]
    [InlineData("content diff --file /nowhere/x.json")]
    public async Task Diff_NothingToCompare_ExitsTwo(string line)
    {
        var run = await CliRun.InProcessAsync(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("next:", run.Errors);
    }

    [Fact, Trait("checklist", "S1-16")]
    public async Task Configure_Twice_KeepsWhatWasSetBefore_AndExecutesTheRevision()
    {
        await using var service = await StubService.StartAsync();
        var stored = "";
        service.On("GET /api/v1/content/configured", _ => stored.Length == 0 ? new StubAnswer("{}", 404) : new StubAnswer(stored));
        service.On("POST /api/v1/content", request =>
        {
            stored = request.Body;
            return new StubAnswer("""{"name":"configured","revision":7}""", 201);
        });
        service.On("POST /api/v1/content/configured/execute", """{"runs":[{"gateway":"prod","outcome":"succeeded","changes":[]}]}""");

        var first = await CliRun.AgainstAsync(service.Url, "configure", "--provider", "openrouter", "--cache-ttl", "3600");
        var second = await CliRun.AgainstAsync(service.Url, "configure", "--provider", "openai", "--rate-limit", "100");
        var third = await CliRun.AgainstAsync(service.Url, "configure", "--provider", "openai");

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, third.ExitCode));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""
                    {"name":"configured","priority":900,"providers":[{"name":"openrouter","priority":1},{"name":"openai","priority":2}],
                     "settings":{"cache_ttl":3600,"rate_limiting_limit":100,"rate_limiting_interval":60,"rate_limiting_technique":"sliding"}}
                    """),
                JsonNode.Parse(stored)),
            stored);
        Assert.Equal(3, service.Requests.Count(request => request.Path.EndsWith("/execute", StringComparison.Ordinal) && request.Body == """{"revision":7}"""));
    }

    [Theory, Trait("checklist", "S1-16")]
    [InlineData("--provider: ", "--provider", "nobody")]
    [InlineData("--cache-ttl: ", "--cache-ttl", "-1")]
    [InlineData("--cache-ttl: 'soon' is not a whole number.", "--cache-ttl", "soon")]
    [InlineData("Unrecognized command or argument '--colour'", "--colour", "red")]
    [InlineData("There is nothing to configure.")]
    public async Task Configure_ThatCannotBe_NamesTheOption_AndStoresNothing(string says, params string[] arguments)
    {
        await using var service = await StubService.StartAsync();

        var run = await CliRun.AgainstAsync(service.Url, ["configure", .. arguments]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Errors);
        Assert.DoesNotContain(service.Requests, request => request.Method == "POST");
    }

    [Fact, Trait("checklist", "S1-15")]
    public async Task Start_Twice_MakesOnce_AndResumesWhatIsPaused()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/gateways", """{"gateway":"openai-compat"}""", 201);
        var made = await CliRun.AgainstAsync(service.Url, "start");
        service.On("GET /api/v1/gateways/openai-compat", """{"gateway":"openai-compat","paused":null}""");
        service.On("POST /api/v1/gateways", """{"gateway":"openai-compat"}""");
        var again = await CliRun.AgainstAsync(service.Url, "start");
        service.On("GET /api/v1/gateways/openai-compat", """{"gateway":"openai-compat","paused":{"by":"eve","at":"2026-11-21T10:00:00Z"}}""");
        service.Refuses("POST /api/v1/gateways", 409, "gateway_paused", "It is paused.");
        service.On("POST /api/v1/gateways/openai-compat/resume", "{}");
        var paused = await CliRun.AgainstAsync(service.Url, "start");

        Assert.Equal(("created openai-compat\n", "already active: openai-compat\n", "resumed openai-compat\n"), (made.Errors, again.Errors, paused.Errors));
        Assert.Equal((0, 0, 0), (made.ExitCode, again.ExitCode, paused.ExitCode));
    }

    public void Dispose() => _folder.Dispose();
}
