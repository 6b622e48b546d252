using System.Text.Json;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>
/// Where the service is and which token opens it. Precedence: GATEWAYOPS_URL and GATEWAYOPS_OPERATOR_TOKEN, then what a running `dev`
/// left in its data folder (owner-only file), then http://127.0.0.1:8787 without a token.
/// </summary>
/// <param name="Url">Where it is.</param>
/// <param name="Token">Operator token; null sends none.</param>
/// <param name="IsNamed">Somebody says that a service is there: the variable, or a running `dev`.</param>
public sealed record ServiceAddress(Uri Url, string? Token, bool IsNamed = true)
{
    public const string UrlVariable = "GATEWAYOPS_URL";
    public const string TokenVariable = "GATEWAYOPS_OPERATOR_TOKEN";

    /// <summary>Token of the proxy's callers.</summary>
    public const string ProxyTokenVariable = "AUTH_TOKEN";

    private static readonly Uri Default = new("http://127.0.0.1:8787");

    public static ServiceAddress Find(IReadOnlyDictionary<string, string> variables, string dataFolder)
    {
        // A variable that is empty counts as not set, as the service has it.
        var (url, token) = (Given(UrlVariable), Given(TokenVariable));
        var dev = url is null ? DevAddress.Read(dataFolder) : null;
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https")))
        {
            throw new CliException($"{UrlVariable} is not an http or https URL.", $"export {UrlVariable}=http://127.0.0.1:8787");
        }

        return new(url is null ? dev?.Url ?? Default : new Uri(url), token ?? dev?.OperatorToken, IsNamed: url is not null || dev is not null);

        string? Given(string name) => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }

    public override string ToString() => Url.ToString();
}

/// <summary>What `dev` leaves for the verbs that are run beside it: `dev.json` in its data folder, readable by its owner only.</summary>
public sealed record DevAddress(Uri Url, string OperatorToken)
{
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "dev.json");

    public static DevAddress? Read(string dataFolder)
    {
        var path = PathIn(dataFolder);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<DevAddress>(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null; // a half-written or foreign file is no address
        }
    }

    public void Write(string dataFolder)
    {
        using var stream = PrivateFile.Create(PathIn(dataFolder));
        JsonSerializer.Serialize(stream, this);
    }

    public override string ToString() => Url.ToString();
}
