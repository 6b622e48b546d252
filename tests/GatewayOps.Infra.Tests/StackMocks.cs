using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Pulumi;
using Pulumi.Testing;

namespace GatewayOps.Infra.Tests;

/// <summary>Answers registrations with their inputs and what Cloudflare adds, and keeps them.</summary>
internal sealed class StackMocks : IMocks
{
    private readonly ConcurrentQueue<MockResourceArgs> _made = new();

    public IReadOnlyList<MockResourceArgs> Made => [.. _made];

    /// <summary>Runs the stack with a configuration. The engine's variables are the process's, so one run at a time.</summary>
    public static async Task<(ImmutableArray<Resource> Resources, StackMocks Mocks)> RunAsync(IReadOnlyDictionary<string, string> config, IReadOnlyList<string> secretKeys)
    {
        Environment.SetEnvironmentVariable("PULUMI_CONFIG", JsonSerializer.Serialize(config));
        Environment.SetEnvironmentVariable("PULUMI_CONFIG_SECRET_KEYS", JsonSerializer.Serialize(secretKeys));
        var mocks = new StackMocks();
        return (await Deployment.TestAsync<GatewayStack>(mocks, new TestOptions { ProjectName = "gatewayops", StackName = "prod", IsPreview = false }), mocks);
    }

    public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
    {
        _made.Enqueue(args);
        var state = args.Type == Stubs.TokenType ? args.Inputs.Add("value", Output.CreateSecret(Stubs.TokenValue(args.Name!))) : args.Inputs;
        return Task.FromResult<(string?, object)>(($"id-of-{args.Name}", state));
    }

    public Task<object> CallAsync(MockCallArgs args) => Task.FromResult<object>(new Dictionary<string, object>
    {
        ["id"] = "groups",
        ["results"] = Stubs.PermissionGroups()["results"]!.AsArray().Select(group => new Dictionary<string, object>
        {
            ["id"] = group!["id"]!.GetValue<string>(),
            ["name"] = group["name"]!.GetValue<string>(),
            ["category"] = "other",
            ["isSelectable"] = true,
            ["scopes"] = ImmutableArray.Create("com.cloudflare.api.account"),
        }).ToImmutableArray(),
    });
}
