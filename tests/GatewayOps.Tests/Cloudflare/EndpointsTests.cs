using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Tests.Cloudflare;

/// <summary>The client's table of operations against the OpenAPI document.</summary>
public sealed partial class EndpointsTests
{
    private static readonly Dictionary<string, string> Documented = Operations();

    [Fact]
    public void Endpoints_HoldEveryOperationOfTheDocument_WithItsMethodAndPath()
    {
        Assert.Equal(87, Documented.Count);
        var ours = Endpoints.All.Where(endpoint => Documented.ContainsKey(endpoint.Operation)).ToDictionary(endpoint => endpoint.Operation, LineOf);
        Assert.Equal(Documented.OrderBy(row => row.Key), ours.OrderBy(row => row.Key));
    }

    [Fact]
    public void Endpoints_Operations_AreNamedOnce() => Assert.Equal(Endpoints.All.Count, Endpoints.All.Select(endpoint => endpoint.Operation).Distinct().Count());

    [Fact]
    public void Endpoints_Gets_ChangeNothingAndPutsAreNeverAdditions()
    {
        Assert.All(Endpoints.All.Where(endpoint => endpoint.Method == HttpMethod.Get), endpoint => Assert.False(endpoint.IsWrite));
        Assert.All(Endpoints.All.Where(endpoint => endpoint.Method == HttpMethod.Put || endpoint.Method == HttpMethod.Patch), endpoint => Assert.Equal(Effect.Idempotent, endpoint.Effect));
    }

    [Theory]
    [InlineData("@cf/meta/llama-3.1-8b-instruct", "accounts/a/ai/run/@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("@hf/x y/z", "accounts/a/ai/run/@hf/x%20y/z")]
    public void Path_OfAModel_KeepsItsSlashesAndItsAt(string model, string path) => Assert.Equal(path, Endpoints.WorkersAi.Run.Path("a", model));

    [Theory]
    [InlineData("@cf/../secret")]
    [InlineData("@cf//x")]
    [InlineData("")]
    public void Path_OfAModelThatWouldChangeThePath_IsRefused(string model) => Assert.Throws<ArgumentException>(() => Endpoints.WorkersAi.Run.Path("a", model));

    private static string LineOf(Endpoint endpoint) => $"{endpoint.Method} /{Parameter().Replace(endpoint.Root + endpoint.Template, "{}")}";

    private static Dictionary<string, string> Operations()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contract", "openapi-aigateway.json")));
        return document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => (
                Operation: method.Value.GetProperty("operationId").GetString()!, Line: $"{method.Name.ToUpperInvariant()} {Parameter().Replace(path.Name, "{}")}")))
            .ToDictionary(row => row.Operation, row => row.Line);
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
