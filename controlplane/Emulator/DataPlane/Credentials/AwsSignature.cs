using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.DataPlane.Credentials;

/// <summary>
/// AWS Signature Version 4 over a request whose body is at hand (docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html). The path is
/// encoded once more than it is sent, as every service but S3 asks for.
/// </summary>
public static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The headers to add: `x-amz-date`, `x-amz-security-token` where there is one, and `authorization`.</summary>
    /// <param name="url">As it is sent, percent-encoded.</param>
    /// <param name="headers">To be signed beside `host` and those that are added; names in lower case.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        AwsKey key, string service, string method, Uri url, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{key.Region}/{service}/aws4_request";
        List<KeyValuePair<string, string>> added = [new("x-amz-date", time)];
        if (key.SessionToken is { } session)
            added.Add(new("x-amz-security-token", session));

        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = url.Authority };
        foreach (var (name, value) in headers.Concat(added))
            signed[name] = value.Trim();
        var names = string.Join(';', signed.Keys);
        var request = string.Join('\n',
            method, CanonicalPath(url.AbsolutePath), CanonicalQuery(url.Query), string.Concat(signed.Select(header => $"{header.Key}:{header.Value}\n")), names,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        var text = string.Join('\n', Algorithm, time, scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request))));

        var secret = Encoding.UTF8.GetBytes("AWS4" + key.SecretAccessKey);
        foreach (var part in scope.Split('/'))
            secret = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)));
        added.Add(new("authorization", $"{Algorithm} Credential={key.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}"));
        return added;
    }

    private static string CanonicalPath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string CanonicalQuery(string query) => string.Join('&', query.TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split('=', 2))
        .Select(part => $"{Encoded(part[0])}={Encoded(part.Length > 1 ? part[1] : "")}")
        .Order(StringComparer.Ordinal));

    private static string Encoded(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));
}
