using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Access;

/// <summary>The document says what the routes are: all of them, and nothing else.</summary>
public sealed partial class OpenApiTests : IAsyncLifetime
{
    private TestService _service = null!;
    private JsonElement _document;

    public async Task InitializeAsync()
    {
        _service = await TestService.StartAsync();
        _document = await _service.Anonymous.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public void Operations_AreTheRoutes()
    {
        var described = _document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));

        Assert.Equal(Endpoints().Select(endpoint => endpoint.Name).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryOperation_SaysWhatItsEndpointTakesAndGives()
    {
        var faults = Endpoints().SelectMany(endpoint => Faults(endpoint.Endpoint, Operation(endpoint.Name)).Select(fault => $"{endpoint.Name}: {fault}")).ToList();

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Schemas_AreAllThere_AndNoneIsOfOurInsides()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name).ToHashSet();
        var referred = Reference().Matches(_document.GetRawText()).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.Empty(referred.Except(schemas));
        // Two types of one name: generated clients would show the number.
        Assert.DoesNotContain(schemas, name => char.IsAsciiDigit(name[^1]));
        Assert.DoesNotContain("digest", _document.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("/", _document.GetProperty("servers")[0].GetProperty("url").GetString());
    }

    private static IEnumerable<string> Faults(RouteEndpoint endpoint, JsonElement operation)
    {
        if (!operation.TryGetProperty("summary", out var summary) || summary.GetString() is not { Length: > 10 })
        {
            yield return "no summary";
        }

        // Who may call.
        var needed = endpoint.NeededScope()?.ToString().ToLowerInvariant();
        var said = operation.TryGetProperty("security", out var security) ? security[0].GetProperty("operator")[0].GetString() : null;
        if (needed != said)
        {
            yield return $"needs the scope {needed ?? "none"} and says {said ?? "none"}";
        }

        // What it takes.
        var parameters = Parameters(operation).ToList();
        var expected = Expected(endpoint).ToList();
        if (!expected.Order(StringComparer.Ordinal).SequenceEqual(parameters.Order(StringComparer.Ordinal)))
        {
            yield return $"takes {string.Join(", ", expected)} and says {string.Join(", ", parameters)}";
        }

        var takesBody = TakesBody(endpoint);
        if (takesBody != operation.TryGetProperty("requestBody", out var body) || (takesBody && !body.GetProperty("content").GetProperty("application/json").TryGetProperty("schema", out _)))
        {
            yield return $"{(takesBody ? "takes a body" : "takes no body")}, and the document says otherwise";
        }

        // What it gives.
        var responses = operation.GetProperty("responses").EnumerateObject().ToList();
        if (!responses.Exists(response => response.Name[0] == '2'))
        {
            yield return "no success";
        }

        foreach (var response in responses.Where(response => response.Name[0] == '2' && response.Name != "204"))
        {
            if (!response.Value.TryGetProperty("content", out var content) || !content.EnumerateObject().All(type => type.Value.TryGetProperty("schema", out _)))
            {
                yield return $"{response.Name} without a schema";
            }
        }

        if (needed is not null && !new[] { "4XX", "5XX" }.All(status => responses.Exists(response => response.Name == status && response.Value.GetProperty("content").TryGetProperty("application/problem+json", out _))))
        {
            yield return "no problem answers";
        }
    }

    private JsonElement Operation(string name)
    {
        var (method, path) = (name[..name.IndexOf(' ')], name[(name.IndexOf(' ') + 1)..]);
        return _document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
    }

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Endpoints() =>
        from endpoint in _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = "/" + Constraint().Replace(endpoint.RoutePattern.RawText!.Trim('/'), "{$1}")
        where path.StartsWith("/api/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        select ($"{method} {path}", endpoint);

    private static IEnumerable<string> Parameters(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray().Select(parameter => $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()}")
        : [];

    private static IEnumerable<string> Expected(RouteEndpoint endpoint)
    {
        var inPath = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToHashSet();
        foreach (var parameter in Handler(endpoint).Where(IsSimple))
        {
            yield return $"{(inPath.Contains(parameter.Name!) ? "path" : "query")} {parameter.Name}";
        }

        foreach (var unread in inPath.Except(Handler(endpoint).Select(parameter => parameter.Name!)))
        {
            yield return $"path {unread}";
        }

        if (endpoint.Metadata.Any(item => item.GetType().Name == "IdempotentMark"))
        {
            yield return "header Idempotency-Key";
        }

        if (endpoint.Metadata.Any(item => item.GetType().Name == "PreconditionMark"))
        {
            yield return "header If-Match";
        }
    }

    private static bool TakesBody(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null
        || Handler(endpoint).Any(parameter => parameter.GetCustomAttribute<FromBodyAttribute>() is not null);

    private static ParameterInfo[] Handler(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<MethodInfo>()!.GetParameters();

    private static bool IsSimple(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type == typeof(string) || type.IsPrimitive || type.IsEnum || type == typeof(Guid) || type == typeof(DateTimeOffset) || type == typeof(string[]);
    }

    [GeneratedRegex(@"\{([^:}]+)[^}]*\}")]
    private static partial Regex Constraint();

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"")]
    private static partial Regex Reference();
}
