using GatewayOps.Emulator.Admin;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>Faults on demand and what a provider received: /_emulator/upstreams/{provider}. Ours, not Cloudflare's.</summary>
public static class UpstreamAdminEndpoints
{
    /// <param name="admin">The group at /_emulator.</param>
    public static void MapUpstreams(this RouteGroupBuilder admin)
    {
        var upstream = admin.MapGroup("/upstreams/{provider}");
        upstream.MapGet("", (string provider, UpstreamDirectory upstreams) => On(upstreams, provider, Received)).WithSummary("What a provider received");
        upstream.MapDelete("/recorded", (string provider, UpstreamDirectory upstreams) => On(upstreams, provider, found => Done(found.Forget))).WithSummary("Forget it");
        upstream.MapDelete("/fault", (string provider, UpstreamDirectory upstreams) => On(upstreams, provider, found => Done(found.Repair))).WithSummary("Repair a provider");
        upstream.MapPut("/fault", BreakAsync).WithSummary("Break a provider");
    }

    private static IResult Received(ProviderUpstream upstream)
    {
        var (requests, recorded) = upstream.Received();
        return AdminJson.Answer(new { requests, recorded });
    }

    private static async Task<IResult> BreakAsync(string provider, HttpRequest request, UpstreamDirectory upstreams, CancellationToken cancellationToken)
    {
        var (fault, refusal) = await AdminJson.ReadAsync<UpstreamFault>(request, cancellationToken);
        if (fault is null)
            return refusal!;
        return fault.Problem() is { } problem ? AdminJson.Refuse(problem) : On(upstreams, provider, found => Done(() => found.Break(fault)));
    }

    private static IResult On(UpstreamDirectory upstreams, string provider, Func<ProviderUpstream, IResult> act) =>
        upstreams.Find(provider) is { } found
            ? act(found)
            : AdminJson.Answer(new { error = $"'{provider}' is no provider of the gateway." }, StatusCodes.Status404NotFound);

    private static IResult Done(Action act)
    {
        act();
        return Results.NoContent();
    }
}
