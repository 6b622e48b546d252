namespace GatewayOps.Emulator.Upstreams;

/// <summary>One operation of a provider's API.</summary>
/// <param name="Path">
/// Below the provider's prefix. `*` stands for one segment or the rest of one and is captured; a leading `**/` for any folders or none; `**` alone
/// for every path, which is captured whole.
/// </param>
/// <param name="Errors">In whose shape it refuses.</param>
/// <param name="ReadsJson">The body must be a JSON document; other operations take what comes.</param>
public sealed record Operation(string Method, string Path, ErrorDialect Errors, Func<SimulatedCall, UpstreamReply> Answer, bool ReadsJson = true)
{
    private const string AnyFolders = "**/";

    /// <summary>What the `*` stands for, decoded; empty where there is none; null when the request is another one.</summary>
    public string? Match(string method, string path)
    {
        if (method != Method)
            return null;
        if (Path == "**")
            return Uri.UnescapeDataString(path);
        if (!Path.StartsWith(AnyFolders, StringComparison.Ordinal))
            return Capture(Path, path);

        var pattern = Path.AsSpan(AnyFolders.Length);
        for (var from = 0; from >= 0; from = path.IndexOf('/', from) is >= 0 and var slash ? slash + 1 : -1)
            if (Capture(pattern, path.AsSpan(from)) is { } captured)
                return captured;
        return null;
    }

    private static string? Capture(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
            return path.SequenceEqual(pattern) ? "" : null;
        var before = pattern[..star];
        var after = pattern[(star + 1)..];
        if (path.Length <= before.Length + after.Length || !path.StartsWith(before) || !path.EndsWith(after))
            return null;
        var captured = path[before.Length..^after.Length];
        return captured.Contains('/') ? null : Uri.UnescapeDataString(captured.ToString());
    }
}
