using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cli.Commands;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>A plan as people read it, in golden files: every kind of object and of change, where settings are enforced, what the replicas have.</summary>
public sealed class PlanPrinterTests
{
    private const string Hash = "5f1e0c7a2d9b4e688c3a1b0d7f6e5c4b3a2918070f6e5d4c3b2a190807f6e5d4";

    [Fact]
    public void EveryKind_AndEveryOp_Table() => Golden.Matches("cli/plan.txt", Printed(Plan(), OutputFormat.Table));

    [Fact]
    public void EveryKind_AndEveryOp_OnATerminal() => Golden.Matches("cli/plan.colours.txt", Printed(Plan(), OutputFormat.Table, colours: true));

    [Fact]
    public void Yaml_IsTheAnswerWhole() => Golden.Matches("cli/plan.yaml", Printed(Plan(), OutputFormat.Yaml));

    [Fact]
    public void Nothing_ToChange() => Golden.Matches("cli/plan.empty.txt", Printed(Nothing(), OutputFormat.Table));

    [Theory]
    [InlineData(OutputFormat.Json)]
    [InlineData(OutputFormat.Yaml)]
    [InlineData(OutputFormat.Name)]
    public void OtherFormats_HaveNoColours_WhateverTheTerminal(OutputFormat format) => Assert.DoesNotContain('\e', Printed(Plan(), format, colours: true));

    [Fact]
    public void Plan_HasEveryKindAndOp()
    {
        var changes = Cell.Items(Plan()["gateways"]).SelectMany(gateway => Cell.Items(gateway["changes"])).ToList();
        Assert.Equal(Enum.GetValues<ObjectKind>().Select(Written).Order(), changes.Select(change => Cell.Text(change["kind"])).Distinct().Order());
        Assert.Equal(Enum.GetValues<ChangeOp>().Select(Written).Order(), changes.Select(change => Cell.Text(change["op"])).Distinct().Order());
    }

    [Fact]
    public void HasChanges_ReportsAreNone_AMissingGatewayIsOne()
    {
        Assert.True(PlanPrinter.HasChanges(Plan()));
        Assert.False(PlanPrinter.HasChanges(Nothing()));
        Assert.True(PlanPrinter.HasChanges(JsonNode.Parse("""{"gateways":[{"gateway":"prod","exists":false,"changes":[{"op":"report"}]}]}""")!));
    }

    [Fact]
    public async Task Plan_Differences_ExitOne_AndNameTheCommandThatExecutesIt()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/content/rules/plan", Plan().ToJsonString());
        var run = await CliRun.AgainstAsync(service.Url, "plan", "--name", "rules", "--prune");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"next:  gatewayops execute --name rules --revision 3 --prune --plan-hash {Hash}\n", run.Errors);
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public async Task Plan_NoDifference_ExitsZero()
    {
        await using var service = await StubService.StartAsync();
        service.On("POST /api/v1/content/rules/plan", Nothing().ToJsonString());
        var run = await CliRun.AgainstAsync(service.Url, "content", "plan", "--name", "rules");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
    }

    private static string Written<T>(T value) => JsonSerializer.SerializeToNode(value)!.GetValue<string>();

    private static string Printed(JsonNode plan, OutputFormat format, bool colours = false)
    {
        using var output = new StringWriter();
        PlanPrinter.Print(new OutputWriter(format, output, output, colours), plan);
        return output.ToString();
    }

    private static JsonNode Nothing() => JsonNode.Parse($$"""
        {"id":"0199f0e2-5a51-7b7e-8a43-2f0d3c1b9a77","ruleSet":"production-rules","revision":3,"hash":"{{Hash}}","createdAt":"2026-11-21T10:00:00Z","expiresAt":"2026-11-21T10:15:00Z",
         "prune":false,"allowMassDelete":false,"gateways":[{"gateway":"prod","revision":"production-rules@3","hash":"{{Hash}}","exists":true,"changes":[]}],"enforcements":[],"replicas":[]}
        """)!;

    private static JsonNode Plan() => JsonNode.Parse($$"""
        {
          "id": "0199f0e2-5a51-7b7e-8a43-2f0d3c1b9a77", "ruleSet": "production-rules", "revision": 3, "hash": "{{Hash}}",
          "createdAt": "2026-11-21T10:00:00Z", "expiresAt": "2026-11-21T10:15:00Z", "prune": true, "allowMassDelete": true,
          "gateways": [
            {
              "gateway": "prod", "revision": "production-rules@3", "hash": "{{Hash}}", "exists": true,
              "changes": [
                { "op": "create", "kind": "secret_store", "key": "default_secrets_store", "reason": "stored keys need a Secrets Store and the account has none" },
                { "op": "report", "kind": "secret", "key": "prod_openai_default", "reason": "the secret is not in the Secrets Store: put it again with `gatewayops keys put`" },
                { "op": "create", "kind": "custom_provider", "key": "acme", "reason": "declared by production-rules@3", "field": "base_url", "to": "https://api.acme.example" },
                { "op": "update", "kind": "gateway", "key": "prod", "reason": "set by production-rules@3", "field": "cache_ttl", "from": 0, "to": 300 },
                { "op": "update", "kind": "gateway", "key": "prod", "reason": "set by production-rules@3", "field": "rate_limiting_technique", "from": null, "to": "sliding" },
                { "op": "report", "kind": "gateway", "key": "prod", "reason": "asserted by production-rules@3, owned by Pulumi: change it with `pulumi up`", "field": "authentication", "from": false, "to": true, "owner": "pulumi" },
                { "op": "delete", "kind": "provider_config", "key": "openai/team-a", "reason": "made by GatewayOps and no longer declared" },
                { "op": "update", "kind": "route", "key": "chat", "reason": "a new version is made and deployed", "field": "elements",
                  "from": [{ "id": "start", "type": "start", "outputs": { "next": { "elementId": "end" } } }, { "id": "end", "type": "end", "outputs": {} }],
                  "to": [{ "id": "start", "type": "start", "outputs": { "next": { "elementId": "m1" } } }, { "id": "m1", "type": "model" }, { "id": "end", "type": "end", "outputs": {} }] },
                { "op": "create", "kind": "policy", "key": "eu-only", "reason": "declared by production-rules@3" }
              ]
            },
            { "gateway": "staging", "revision": "production-rules@3", "hash": "{{Hash}}", "exists": true, "changes": [] }
          ],
          "enforcements": [
            { "pointer": "/rules/0/cache/ttl", "point": "request_header", "detail": "cf-aig-cache-ttl" },
            { "pointer": "/settings/cache_ttl", "point": "gateway_setting", "detail": "cache_ttl" }
          ],
          "replicas": [
            { "id": "a-1", "gateway": "prod", "revision": "production-rules@2", "seenAt": "2026-11-21T09:59:59Z" },
            { "id": "b-2", "gateway": "prod", "revision": "none", "seenAt": "2026-11-21T09:59:58Z" }
          ]
        }
        """)!;
}
