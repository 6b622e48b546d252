using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>HTTP statuses as callers filter by them: one (`429`) or a class (`5xx`).</summary>
public sealed record StatusRange(int From, int To)
{
    /// <summary>Neither where nothing was said.</summary>
    public static (StatusRange? Range, ProblemHttpResult? Refusal) Of(string? text) =>
        text is null ? (null, null)
        : Parse(text) is { } range ? (range, null)
        : (null, Problem.BadRequest("invalid_parameter", "status must be a status like 429 or a class like 5xx."));

    /// <summary>Null for a text that is neither.</summary>
    private static StatusRange? Parse(string text) =>
        text is [>= '1' and <= '9', 'x' or 'X', 'x' or 'X'] ? new StatusRange((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99)
        : text.Length == 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? new StatusRange(status, status)
        : null;
}
