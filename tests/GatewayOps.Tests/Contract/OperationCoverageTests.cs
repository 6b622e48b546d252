using System.Reflection;
using System.Text;
using GatewayOps.Emulator;
using GatewayOps.Tests.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Contract;

/// <summary>Every operation of the document: the client asks for it, the emulator answers it, and tests of both hold a rule of it.</summary>
public sealed class OperationCoverageTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Guide = "controlplane/docs/cloudflare-api.md";

    private static readonly ILookup<string, Type> Tests = (
        from type in typeof(OperationCoverageTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        from operation in method.GetCustomAttribute<OperationAttribute>()?.Ids ?? []
        select (operation, type)).Distinct().ToLookup(pair => pair.operation, pair => pair.type);

    [Fact]
    public async Task Emulator_AnswersEveryOperation()
    {
        var unrouted = new List<string>();
        foreach (var sample in SampleRequest.All)
        {
            var path = sample.Path(new Dictionary<string, string> { ["account_id"] = fixture.Emulator.Options.AccountId });
            var answer = await fixture.Emulator.Management.CallAsync(new HttpMethod(sample.Operation.Method), $"/client/v4{path}{sample.QueryText}", sample.Body);
            if (answer.Body.TryGetProperty("errors", out var errors) && errors.EnumerateArray().Any(error => error.TryGetProperty("code", out var code) && code.GetInt32() is 7000 or 7003))
                unrouted.Add(sample.Operation.Id);
        }
        Assert.Empty(unrouted);
    }

    [Fact]
    public void Tests_NameOperationsOfTheDocument() =>
        Assert.Empty(Tests.Select(tests => tests.Key).Except(OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id)));

    /// <summary>A folder of tests, and with it who is tested.</summary>
    [Theory]
    [InlineData("Emulator")]
    [InlineData("Cloudflare")]
    public void Tests_HoldARuleOfEveryOperation(string folder) => Assert.Equal("", string.Join(' ', Lacking(folder)));

    [Fact]
    public void Guide_HasEveryOperation()
    {
        var text = new StringBuilder("""
            # Cloudflare's operations

            The management API as far as AI Gateway goes: who of us speaks of an operation. `CloudflareClient` is what the service calls Cloudflare with, the
            emulator is what answers locally; both are written from the contract (`tests/GatewayOps.Tests/Contract`) by different hands and never from each other. Every
            request of the client and every answer of the emulator in the tests is held to the OpenAPI document. The tests named here assert a rule or a change of
            state of the operation. What is assumed where Cloudflare is silent: [cloudflare-assumptions.md](cloudflare-assumptions.md).

            This page is written by a test: `GATEWAYOPS_UPDATE_GOLDEN=1` writes it anew.

            | Operation | Method and path | Client member | Emulator | Tests |
            |---|---|---|---|---|

            """);
        var endpoints = Endpoints();
        foreach (var operation in OpenApiDocument.Cloudflare.Operations)
        {
            var members = ClientCalls.All.Where(call => call.Operation == operation.Id).Select(call => call.Member);
            text.Append($"| {operation.Id} | `{operation.Method} {operation.Template}` | {Code(members)} | {Code(endpoints[Shape(operation.Method, operation.Template)])} | {Code(Tests[operation.Id].Select(type => type.Name))} |\n");
        }
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Repository.File(Guide), text.ToString());
        Assert.Equal(File.ReadAllText(Repository.File(Guide)), text.ToString());
    }

    private static IEnumerable<string> Lacking(string folder) => OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id)
        .Where(operation => !Tests[operation].Any(type => $"{type.Namespace}.".StartsWith($"GatewayOps.Tests.{folder}.", StringComparison.Ordinal)));

    // The class whose handler has the route.
    private static ILookup<string, string> Endpoints()
    {
        using var app = (IDisposable)EmulatorHost.Build(new EmulatorOptions());
        return (
            from endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            let path = endpoint.RoutePattern.RawText!
            where path.StartsWith("/client/v4", StringComparison.Ordinal)
            from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
            let handler = endpoint.Metadata.GetMetadata<MethodInfo>()!.DeclaringType!
            select (Key: Shape(method, path["/client/v4".Length..]), (handler.Name.StartsWith('<') ? handler.DeclaringType! : handler).Name)).ToLookup(pair => pair.Key, pair => pair.Name);
    }

    // Whatever the parameters are called.
    private static string Shape(string method, string path) => $"{method} {string.Join('/', path.TrimEnd('/').Split('/').Select(segment => segment.StartsWith('{') ? "{}" : segment))}";

    private static string Code(IEnumerable<string> names) => string.Join(", ", names.Distinct().Order(StringComparer.Ordinal).Select(name => $"`{name}`"));
}
