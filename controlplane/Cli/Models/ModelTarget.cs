using System.CommandLine;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Client;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Models;

/// <summary>
/// Where requests for models go. What is said most plainly wins: `--direct`; a service that a flag, the environment or the .env file names; an .env file that was named itself; a running `dev`,
/// or the current context; else the gateway that the client library's settings name.
/// </summary>
/// <param name="Options">What the client library is given.</param>
/// <param name="Service">Whose proxy it is; null where requests go past it.</param>
public sealed record ModelTarget(GatewayClientOptions Options, ServiceAddress? Service)
{
    // The proxy finds the provider by the model, and has a default of its own.
    private const string AsTheProxyKnowsIt = "dynamic", DefaultModel = "default";

    /// <summary>Whether a provider runs on this machine, and is asked there.</summary>
    internal static bool IsLocal(string? provider) => provider is "lmstudio" or "ollama";

    /// <summary>What the client library is given for the proxy of a service.</summary>
    /// <param name="service">Whose proxy it is, and what it is shown.</param>
    /// <param name="provider">Null where the proxy finds it by the model.</param>
    /// <param name="model">As it is asked for.</param>
    internal static GatewayClientOptions OfProxy(ServiceAddress service, string? provider, string model) => new()
    {
        Provider = AsTheProxyKnowsIt,
        Model = provider is null ? model : $"{provider}/{model}",
        Endpoint = new Uri(service.Url, "/v1/"),
        GatewayToken = service.ProxyToken ?? "",
    };

    /// <summary>What to do where a setting is missing or wrong.</summary>
    internal static string Next(bool direct) => direct ? "set what is missing, or leave --direct out to ask the proxy of a service" : "set what is missing; or gatewayops dev, which needs no account";

    /// <summary>In a few words.</summary>
    public string Told => Service is { } service ? $"the proxy at {service.Url}" : $"{Options.Provider} by {Options.ResolveEndpoint()}";

    /// <summary>A connection to it. A service is asked without the web proxy of this machine, as by the other verbs.</summary>
    internal HttpClient Connect() => new(new SocketsHttpHandler { UseProxy = Service is null, AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    internal static ModelTarget Find(Shell shell, ParseResult parse, ModelOptions options)
    {
        var arguments = new GatewayArguments { Provider = parse.GetValue(options.Provider), Model = parse.GetValue(options.Model), GatewayId = parse.GetValue(options.Gateway) };
        return Find(shell, parse, arguments, parse.GetValue(options.EnvFile), parse.GetValue(options.Direct));
    }

    /// <summary>Throws <see cref="CliException"/> for settings that are missing or wrong. Asks nothing of the network but secrets of Vault, where settings lie there.</summary>
    internal static ModelTarget Find(Shell shell, ParseResult parse, GatewayArguments arguments, string? envFile, bool direct)
    {
        var variables = Variables(shell.Surroundings, envFile);
        var local = IsLocal(arguments.Provider ?? variables.GetValueOrDefault("LLM_PROVIDER"));
        var service = direct || local ? null : shell.Address(parse, variables);
        if (service is { IsNamed: true } && !(envFile is not null && service.Source is AddressSource.Dev or AddressSource.Context))
        {
            return Through(service, arguments, variables);
        }

        try
        {
            return new(GatewayClientOptions.FromEnvironment(arguments, new GatewaySources { Variable = variables.GetValueOrDefault, Folder = shell.Surroundings.Folder }), Service: null);
        }
        catch (GatewayConfigurationException e)
        {
            throw new CliException(e.Message, Next(direct));
        }
    }

    private static ModelTarget Through(ServiceAddress service, GatewayArguments arguments, IReadOnlyDictionary<string, string> variables)
    {
        if (arguments.GatewayId is not null)
        {
            throw new CliException("The proxy chooses the gateway by its rules and its settings.", "leave --gateway out, or add --direct");
        }

        var options = OfProxy(service, arguments.Provider ?? variables.Given("LLM_PROVIDER"), arguments.Model ?? variables.Given("CLOUDFLARE_MODEL") ?? DefaultModel);
        try
        {
            options.ResolveEndpoint();
            return new(options, service);
        }
        catch (GatewayConfigurationException e)
        {
            throw new CliException(e.Message.Replace("CLOUDFLARE_GATEWAY_TOKEN", ServiceAddress.ProxyTokenVariable, StringComparison.Ordinal), "put the option or the variable right");
        }
    }

    // Vault before the environment, the environment before the file: as the service has it (settings.md).
    private static Dictionary<string, string> Variables(Surroundings surroundings, string? envFile)
    {
        try
        {
            if (envFile is not null && !File.Exists(envFile))
            {
                throw new CliException($"There is no {envFile}.", "give the path of a file with NAME=value lines with --env-file");
            }

            var file = DotEnvFile.Read(envFile ?? Path.Combine(surroundings.Folder, ".env"));
            var variables = new Dictionary<string, string>();
            foreach (var (name, value) in file.Concat(surroundings.Variables).Concat(VaultSecrets.Read(surroundings.Variables)).Where(variable => variable.Value.Length > 0))
            {
                variables[name] = value;
            }

            // It has answered: the client need not ask again.
            variables.Remove(VaultSecrets.PathVariable);
            return variables;
        }
        catch (StartException e)
        {
            throw new CliException(e.Message, "put the setting right, then repeat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{envFile ?? ".env"} cannot be read: {e.Message}", "make it readable, or give another with --env-file");
        }
    }
}
