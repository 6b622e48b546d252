using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.Management.CustomProviders;
using GatewayOps.Emulator.Management.Policies;
using GatewayOps.Emulator.Management.Routes;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

/// <summary>What a valid document compiles to, the emulator takes. It was written from Cloudflare's contract, and never from ours.</summary>
public class EmulatorAgreementTests
{
    private static readonly IReadOnlyList<CompiledRuleSet> Compiled =
        [.. AnyDocument.Some(300).Select((document, n) => RuleSetCompiler.CompileAlone("gw", Documents.Revision($"d{n}", document.ToJsonString())).RuleSet).OfType<CompiledRuleSet>()];

    [Fact]
    public void Routes_OfAnyDocument_AreTaken()
    {
        var routes = Compiled.SelectMany(compiled => compiled.DynamicRoutes).ToList();
        var reader = new RouteGraphReader(new EmulatorOptions());

        Assert.True(routes.Count > 30, $"{routes.Count} routes");
        Assert.All(routes, route =>
        {
            var errors = new List<ApiError>();
            Assert.NotNull(reader.Read(JsonElement.Parse(route.Elements.ToJsonString()), FieldPath.Body, errors));
            Assert.Empty(errors);
        });
    }

    [Fact]
    public void Policies_OfAnyDocument_AreTaken()
    {
        var policies = Compiled.SelectMany(compiled => compiled.Policies).ToList();

        Assert.True(policies.Count > 30, $"{policies.Count} policies");
        Assert.All(policies, policy => Assert.Empty(PolicyShape.Whole.ErrorsOf(JsonElement.Parse(Body(policy).ToJsonString()))));
    }

    [Fact]
    public void CustomProviders_OfAnyDocument_AreTaken()
    {
        var providers = Compiled.SelectMany(compiled => compiled.CustomProviders).ToList();

        Assert.True(providers.Count > 30, $"{providers.Count} providers");
        Assert.All(providers, provider => Assert.Empty(CustomProviderShape.Create.ErrorsOf(JsonSerializer.SerializeToElement(new { name = provider.Name, slug = provider.Slug, base_url = provider.BaseUrl, enable = provider.Enable }))));
    }

    private static JsonObject Body(AccessPolicy policy)
    {
        var resource = new JsonObject(new[] { ("model", policy.Model), ("provider", policy.Provider) }.Where(part => part.Item2 is not null).Select(part => KeyValuePair.Create(part.Item1, (JsonNode?)part.Item2)));
        return new JsonObject
        {
            ["name"] = policy.Name,
            ["actor"] = policy.Actor,
            ["resource"] = resource.Count == 0 ? "*" : resource,
            ["condition"] = policy.Condition ?? "true",
            ["action"] = policy.Action.DeepClone(),
        };
    }
}
