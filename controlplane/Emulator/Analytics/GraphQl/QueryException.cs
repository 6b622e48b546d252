namespace GatewayOps.Emulator.Analytics.GraphQl;

/// <summary>Why a query has no answer. Caught once, by the endpoint.</summary>
/// <param name="status">400 where the query is malformed, 200 where it asks for more than it may (contract section 15: both occur).</param>
public sealed class QueryException(string message, int status = StatusCodes.Status400BadRequest, string? code = null, params string[] path) : Exception(message)
{
    public int Status => status;

    /// <summary>`extensions.code`: parser, authz, budget.</summary>
    public string Code => code ?? "parser";

    /// <summary>The nodes from the root to the one that failed.</summary>
    public IReadOnlyList<string> Path => path;

    /// <summary>What Cloudflare calls accessibility limits: the query is sound, and asks too much.</summary>
    public static QueryException Beyond(string message, params string[] path) => new(message, StatusCodes.Status200OK, "authz", path);
}
