namespace GatewayOps.Rules;

/// <summary>The machine-readable codes of <see cref="RuleSetError"/>. Stable: scripts decide by them.</summary>
public static class RuleSetErrorCodes
{
    /// <summary>Not JSON (RFC 8259), or nested deeper than 32.</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>Text that is not valid Unicode: broken UTF-8 or half a surrogate pair.</summary>
    public const string InvalidText = "invalid_text";

    /// <summary>Larger than 4 MiB.</summary>
    public const string TooLarge = "too_large";

    public const string DuplicateKey = "duplicate_key";
    public const string UnknownField = "unknown_field";

    /// <summary>A name that GatewayOps knows and this version does not enforce: refused, never ignored.</summary>
    public const string NotSupported = "not_supported";

    public const string WrongType = "wrong_type";
    public const string Required = "required";
    public const string OutOfRange = "out_of_range";
    public const string InvalidValue = "invalid_value";
    public const string InvalidPattern = "invalid_pattern";
    public const string UnknownProvider = "unknown_provider";
    public const string DuplicateName = "duplicate_name";
    public const string DuplicatePriority = "duplicate_priority";

    /// <summary>A rule would match by a header that carries a credential: its value is no matter of a document.</summary>
    public const string CredentialHeader = "credential_header";

    /// <summary>A policy's condition or actor ends within brackets or quotes.</summary>
    public const string InvalidExpression = "invalid_expression";

    /// <summary>A dynamic route has not exactly one start.</summary>
    public const string RouteStart = "route_start";

    /// <summary>A dynamic route has no end.</summary>
    public const string RouteEnd = "route_end";

    /// <summary>An edge of a dynamic route leads to an element that is not there.</summary>
    public const string RouteDanglingEdge = "route_dangling_edge";

    /// <summary>No way from the start of a dynamic route leads to an element.</summary>
    public const string RouteUnreachable = "route_unreachable";

    /// <summary>An edge of a dynamic route leads back to where it came from.</summary>
    public const string RouteCycle = "route_cycle";

    /// <summary>The percentages of an element do not total 100, are none, or are more than five.</summary>
    public const string RoutePercentages = "route_percentages";

    /// <summary>A route that is made from the providers finds none, or one without a model.</summary>
    public const string RouteProviders = "route_providers";

    /// <summary>Two rules could match one request and neither is more specific.</summary>
    public const string RulesTie = "rules_tie";

    /// <summary>So many rules overlap that they cannot be searched for ties within bounds.</summary>
    public const string TooManyOverlaps = "too_many_overlaps";

    /// <summary>Two active rule sets of equal priority give the same setting, route, policy, custom provider, `providers`, `fallback` or `quota`.</summary>
    public const string Conflict = "conflict";

    /// <summary>The listing was cut.</summary>
    public const string MoreErrors = "more_errors";
}
