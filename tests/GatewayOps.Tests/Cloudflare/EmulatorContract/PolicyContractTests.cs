using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class PolicyContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private PolicyClient _policies = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _policies = _emulator.Client().Policies;
        await _emulator.CreateGatewayAsync("gw");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createPolicy", "getPolicy", "updatePolicy", "deletePolicy", "listPolicies", "commitPolicies")]
    public async Task Drafts_ComeIntoForceByACommit()
    {
        var made = await _policies.CreateAsync("gw", new("team budget", "company:all", new("gpt-*", "openai"), "true", new PolicyAction.Limit(25, "daily")), commit: false, CancellationToken.None);
        Assert.True(made.IsDraft);
        Assert.Equal((new PolicyAction.Limit(25, "daily"), new PolicyResource("gpt-*", "openai"), "true"), (made.Action, made.Resource, made.Condition));
        Assert.Empty(await _policies.ListAsync("gw", includeDrafts: false, CancellationToken.None).AllAsync());
        Assert.Equal(made.Id, Assert.Single(await _policies.ListAsync("gw", includeDrafts: true, CancellationToken.None).AllAsync()).Id);

        var commit = await _policies.CommitAsync("gw", CancellationToken.None);
        Assert.Equal((1, 0), (commit.Committed, commit.Failed));
        Assert.False(Assert.Single(await _policies.ListAsync("gw", includeDrafts: false, CancellationToken.None).AllAsync()).IsDraft);

        await _policies.UpdateAsync("gw", made.Id, new JsonObject { ["name"] = "budget" }, commit: true, CancellationToken.None);
        var read = await _policies.FindAsync("gw", made.Id, CancellationToken.None);
        Assert.Equal(("budget", new PolicyAction.Limit(25, "daily")), (read!.Name, read.Action));
        Assert.True(await _policies.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.False(await _policies.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.Null(await _policies.FindAsync("gw", made.Id, CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await _policies.UpdateAsync("gw", made.Id, new JsonObject { ["name"] = "x" }, commit: true, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("simulatePolicies", "createPolicy")]
    public async Task Simulation_SaysWhatTheGatewayWouldDo()
    {
        await _policies.CreateAsync("gw", new("gpt for everybody", "company:all", new("gpt-*", null), "true", new PolicyAction.NoLimit()), commit: true, CancellationToken.None);
        var allowed = await _policies.SimulateAsync("gw", new PolicyQuestion("gpt-4o", "openai") { UserId = "u-1", UserGroups = ["eng"], Metadata = new JsonObject { ["team"] = "core" } }, CancellationToken.None);
        Assert.True(allowed.Allowed);
        var refused = await _policies.SimulateAsync("gw", new PolicyQuestion("claude-sonnet-4-5", "anthropic"), CancellationToken.None);
        Assert.Equal((false, "blocked"), (refused.Allowed, refused.Reason));
    }

    [Fact, Operation("createPolicy", "listPolicies")]
    public async Task Errors_AreTold()
    {
        Assert.Equal(CloudflareErrorKind.Validation, await _policies.CreateAsync("gw", new("broken", "company:all", PolicyResource.Everything, "((", new PolicyAction.NoLimit()), commit: true, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.Validation, await _emulator.Client(held: false).Policies.CreateAsync("gw", new("free", "company:all", PolicyResource.Everything, null, new PolicyAction.Limit(0, "daily")), commit: true, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.NotFound, await _policies.ListAsync("nowhere", includeDrafts: true, CancellationToken.None).AllAsync().KindAsync());
        Assert.Empty(await _policies.ListAsync("gw", includeDrafts: true, CancellationToken.None).AllAsync());
    }
}
