using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Faults on demand and what a provider received: /_emulator/upstreams/{provider}. Ours, not Cloudflare's.</summary>
internal static class UpstreamAdminEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
    };

    /// <param name="admin">The group at /_emulator, already held to loopback.</param>
    public static void MapUpstreamAdmin(this IEndpointRouteBuilder admin)
    {
        var upstream = admin.MapGroup("/upstreams/{provider}");
        upstream.MapGet("", (string provider, UpstreamDirectory upstreams) =>
        {
            if (upstreams.Find(provider) is not { } found)
                return Unknown(provider);
            var (requests, recorded) = found.Received();
            return Results.Json(new { requests, recorded });
        });
        upstream.MapDelete("/recorded", (string provider, UpstreamDirectory upstreams) => On(upstreams, provider, found => found.Forget()));
        upstream.MapDelete("/fault", (string provider, UpstreamDirectory upstreams) => On(upstreams, provider, found => found.Repair()));
        upstream.MapPut("/fault", BreakAsync);
    }

    private static async Task<IResult> BreakAsync(string provider, HttpRequest request, UpstreamDirectory upstreams, CancellationToken cancellationToken)
    {
        UpstreamFault? fault;
        try
        {
            fault = await JsonSerializer.DeserializeAsync<UpstreamFault>(request.Body, Strict, cancellationToken);
        }
        catch (JsonException wrong)
        {
            return Results.Json(new { error = $"The fault is not readable: {wrong.Message}" }, statusCode: 400);
        }
        if (fault is null || fault.Problem() is not null)
            return Results.Json(new { error = fault?.Problem() ?? "A fault is an object." }, statusCode: 400);
        return On(upstreams, provider, found => found.Break(fault));
    }

    private static IResult On(UpstreamDirectory upstreams, string provider, Action<ProviderUpstream> act)
    {
        if (upstreams.Find(provider) is not { } found)
            return Unknown(provider);
        act(found);
        return Results.NoContent();
    }

    private static IResult Unknown(string provider) => Results.Json(new { error = $"'{provider}' is no provider of the gateway." }, statusCode: 404);
}
