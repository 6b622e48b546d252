using System.Buffers;
using System.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// The one door for header values that come from JSON, rule sets, rows or settings. HttpClient writes CR and LF of unchecked values
/// to the wire as further header lines, so nothing passes here but visible ASCII, space and tab (RFC 9110, section 5.5).
/// </summary>
public static class HeaderText
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create(['\t', .. Enumerable.Range(0x20, 0x5f).Select(c => (char)c)]);

    public static bool IsSafe(ReadOnlySpan<char> value) => !value.ContainsAnyExcept(Allowed);

    /// <summary>Adds a header or throws <see cref="FormatException"/>, which names the header and never the value.</summary>
    public static void AddText(this HttpRequestHeaders headers, string name, string value)
    {
        if (!IsSafe(value))
        {
            throw new FormatException($"The value of the header {name} holds characters that a header cannot carry.");
        }

#pragma warning disable RS0030 // checked above; parsing it as what its name says would only cost time
        headers.TryAddWithoutValidation(name, value);
#pragma warning restore RS0030
    }
}
