using System.Text.Json;
using GatewayOps.Cli.Contexts;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>Who says where the service is, the strongest first.</summary>
public enum AddressSource
{
    /// <summary>`--context`.</summary>
    Flag,

    /// <summary>GATEWAYOPS_URL.</summary>
    Environment,

    /// <summary>What a running `dev` left in its data folder.</summary>
    Dev,

    /// <summary>The current context.</summary>
    Context,

    /// <summary>Nobody.</summary>
    Default,
}

/// <summary>
/// Where the service is and which tokens open it. Precedence: `--context`; GATEWAYOPS_URL; what a running `dev` left in its data folder (owner-only file), so that a line typed beside it never reaches
/// another control plane; the current context; http://127.0.0.1:8787. Tokens: those of `--context`, then GATEWAYOPS_OPERATOR_TOKEN and AUTH_TOKEN, then those of `dev` or of the current context.
/// </summary>
/// <param name="Url">Where it is.</param>
/// <param name="Token">Operator token; null sends none.</param>
/// <param name="IsNamed">Somebody says that a service is there.</param>
public sealed record ServiceAddress(Uri Url, string? Token, bool IsNamed = true)
{
    public const string UrlVariable = "GATEWAYOPS_URL";
    public const string TokenVariable = "GATEWAYOPS_OPERATOR_TOKEN";

    /// <summary>Token of the proxy's callers.</summary>
    public const string ProxyTokenVariable = "AUTH_TOKEN";

    private static readonly Uri Default = new("http://127.0.0.1:8787");

    /// <summary>What its proxy is shown; null shows nothing.</summary>
    public string? ProxyToken { get; init; }

    /// <summary>The variable that the token is given by, where no context has it.</summary>
    public string TokenName { get; init; } = TokenVariable;

    public AddressSource Source { get; init; } = AddressSource.Environment;

    /// <param name="variables">The environment. A variable that is empty counts as not set, as the service has it.</param>
    /// <param name="dataFolder">Where `dev` leaves its address.</param>
    /// <param name="contexts">Where contexts are kept; null for nowhere.</param>
    /// <param name="context">The context that is asked for by name.</param>
    public static ServiceAddress Find(IReadOnlyDictionary<string, string> variables, string dataFolder, ContextFile? contexts = null, string? context = null)
    {
        var (token, proxyToken) = (variables.Given(TokenVariable), variables.Given(ProxyTokenVariable));
        if (context is not null)
        {
            return Of((contexts ?? ContextFile.Nowhere).Demand(context), AddressSource.Flag);
        }

        if (variables.Given(UrlVariable) is { } url)
        {
            return new(ContextFile.UrlOf(url) ?? throw new CliException($"{UrlVariable} is not an http or https URL.", $"export {UrlVariable}=http://127.0.0.1:8787"), token)
            {
                ProxyToken = proxyToken,
            };
        }

        if (DevAddress.Read(dataFolder) is { } dev)
        {
            return new(dev.Url, token ?? dev.OperatorToken) { ProxyToken = proxyToken, Source = AddressSource.Dev };
        }

        return contexts?.Read() is { Current: { } current } ? Of(contexts.Demand(current), AddressSource.Context) : new(Default, token, IsNamed: false) { ProxyToken = proxyToken, Source = AddressSource.Default };

        ServiceAddress Of(ServiceContext found, AddressSource source) => new(found.Url, source == AddressSource.Flag ? found.OperatorToken ?? token : token ?? found.OperatorToken)
        {
            ProxyToken = source == AddressSource.Flag ? found.ProxyToken ?? proxyToken : proxyToken ?? found.ProxyToken,
            Source = source,
        };
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
