using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management;

/// <summary>Endpoint metadata: what a caller must be granted on the account (or user) that the path names. Several are all needed.</summary>
/// <param name="Read">Needed by GET and HEAD; null = nothing.</param>
/// <param name="Write">Needed by every other method; null = nothing.</param>
public sealed record PermissionNeed(Permission? Read, Permission? Write)
{
    /// <summary>Answered with 10000 to who has it not.</summary>
    public int RefusedStatus { get; init; } = StatusCodes.Status403Forbidden;

    /// <summary>Null = always needed.</summary>
    public Func<Assumptions, bool>? When { get; init; }

    public Permission? For(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? Read : Write;
}

/// <summary>Every endpoint under `/client/v4` says by one of these what it needs; a test finds one that does not.</summary>
public static class PermissionNeeds
{
    public static TBuilder Requires<TBuilder>(this TBuilder endpoints, Permission permission) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new PermissionNeed(permission, permission));

    /// <summary>GET and HEAD need <paramref name="read"/>, every other method needs <paramref name="write"/>.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder endpoints, Permission read, Permission write) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new PermissionNeed(read, write));

    /// <summary>Any valid credential will do, or none: the endpoint knows.</summary>
    public static TBuilder RequiresNothing<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new PermissionNeed(Read: null, Write: null));

    /// <summary>The REST surface `/accounts/{id}/ai/…` (contract section 11): Workers AI Read, and 401 for who has only AI Gateway permissions.</summary>
    public static TBuilder RequiresRestSurface<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(
        new PermissionNeed(Permission.WorkersAiRead, Permission.WorkersAiRead) { RefusedStatus = StatusCodes.Status401Unauthorized },
        new PermissionNeed(Permission.AiGatewayRun, Permission.AiGatewayRun)
        {
            RefusedStatus = StatusCodes.Status401Unauthorized,
            When = assumptions => assumptions.RestSurfaceNeedsAiGatewayRun,
        });
}
