namespace GatewayOps.Rules.Matching;

/// <summary>What a path pattern may look like; every fault says what is wrong and how to write it.</summary>
internal static class PathPatternSyntax
{
    // RFC 3986 pchar without `*`, which is ours, and without `%`: paths are matched decoded.
    private const string Allowed = "-._~!$&'()+,;=:@";

    public static string? FaultOf(string text)
    {
        if (!text.StartsWith('/'))
            return $"A pattern is an operation path and starts with a slash: write \"/{Quote.Bare(text.TrimStart('/'))}\".";
        if (text.Length > PathPattern.MaxLength)
            return $"A pattern has at most {PathPattern.MaxLength} characters; this one has {text.Length}.";
        if (text == "/")
            return null;

        var segments = text[1..].Split('/');
        if (segments.Length > PathPattern.MaxSegments)
            return $"A pattern has at most {PathPattern.MaxSegments} segments; this one has {segments.Length}.";
        if (segments is ["v1", ..])
            return "A pattern starts after \"/v1\" (or after account, gateway and provider), so that one rule serves every endpoint form: leave \"/v1\" out.";
        return segments.Select(FaultOfSegment).FirstOrDefault(fault => fault is not null);
    }

    private static string? FaultOfSegment(string segment)
    {
        if (segment.Length == 0)
            return "A pattern has no empty segment: remove the doubled or trailing slash.";
        if (segment != "**" && segment.Contains("**", StringComparison.Ordinal))
            return $"\"**\" spans whole segments and must be a segment of its own; in {Quote.Text(segment)} write \"*\", or put slashes around \"**\".";
        foreach (var c in segment)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '*' && !Allowed.Contains(c, StringComparison.Ordinal))
                return $"The character {Quote.Text(c.ToString())} cannot occur in a path pattern; paths are matched decoded and without their query.";
        }

        return null;
    }
}
