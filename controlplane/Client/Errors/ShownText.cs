using System.Text;

namespace GatewayOps.Client.Errors;

/// <summary>Words of an answer as an exception may show them, which ends in logs: without the token, without control characters, and not without end.</summary>
internal static class ShownText
{
    private const int Most = 500;

    // No token is longer. One that the cut would go through is hidden before.
    private const int LongestSecret = 8192;

    /// <param name="text">What was answered.</param>
    /// <param name="secret">Not shown; below four characters it is none.</param>
    /// <param name="most">Characters of it that are shown.</param>
    public static string Of(string text, string secret, int most = Most)
    {
        var hidden = secret.Length < 4 ? text : text.Replace(secret, "(hidden)", StringComparison.Ordinal);
        var plain = new StringBuilder();
        foreach (var c in hidden.AsSpan(0, Math.Min(hidden.Length, most))) plain.Append(char.IsControl(c) ? ' ' : c);
        return hidden.Length > most ? plain.Append('…').ToString() : plain.ToString();
    }

    /// <summary>The beginning of a body that nobody understands.</summary>
    public static string Head(ReadOnlySpan<byte> body, string secret, int most = Most) => Of(Encoding.UTF8.GetString(body[..Math.Min(body.Length, most + LongestSecret)]), secret, most);
}
