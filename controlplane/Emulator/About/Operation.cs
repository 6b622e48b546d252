using System.Text.RegularExpressions;
using GatewayOps.Emulator.Management;
using Microsoft.AspNetCore.Http.Metadata;

namespace GatewayOps.Emulator.About;

/// <summary>One operation of the emulator as its endpoint declares it.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">As a document writes it: `/client/v4/accounts/{account_id}/tokens`.</param>
/// <param name="Area">The surface or the resource that it belongs to.</param>
/// <param name="Permissions">Names of the permission groups that a token needs, all of them.</param>
public sealed partial record Operation(
    string Method, string Path, string Summary, string Area, IReadOnlyList<string> Permissions, TakenBody? Body, IReadOnlyList<AskedParameter> Query)
{
    /// <summary>Segments of the path that stand for a value.</summary>
    public IEnumerable<string> PathParameters => Parameter().Matches(Path).Select(match => match.Groups[1].Value);

    /// <summary>All that the emulator answers, without the answers to unknown paths. In the order of paths and methods.</summary>
    public static IReadOnlyList<Operation> Of(IEnumerable<Endpoint> endpoints) =>
    [
        .. from endpoint in endpoints.OfType<RouteEndpoint>()
           let summary = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary
           where summary is not null
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["POST"]
           let path = Written(endpoint.RoutePattern.RawText!)
           orderby path, method
           select new Operation(
               method, path, summary,
               endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags[0] ?? "Emulator",
               [.. endpoint.Metadata.GetOrderedMetadata<PermissionNeed>().Where(need => need.When is null).Select(need => need.For(method)?.Name).OfType<string>().Distinct()],
               endpoint.Metadata.GetMetadata<TakenBody>(),
               endpoint.Metadata.GetOrderedMetadata<AskedParameter>()),
    ];

    // Our routes name parameters as C# does, Cloudflare's as JSON does.
    private static string Written(string route) => Parameter().Replace(
        route.TrimEnd('/'), match => $"{{{Capital().Replace(match.Groups[1].Value, letter => $"_{letter.Value.ToLowerInvariant()}")}}}") is { Length: > 0 } path ? path : "/";

    [GeneratedRegex(@"\{\**([A-Za-z_]+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
