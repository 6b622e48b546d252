namespace GatewayOps.Rules.Matching;

/// <summary>What rules match: the request path without `/v1`, whichever endpoint form it came by.</summary>
internal static class OperationPath
{
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> path) => path.StartsWith("/v1/") ? path[3..] : path;
}
