using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Models;
using GatewayOps.Client;
using GatewayOps.Client.WorkersAi;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Rules;

namespace GatewayOps.Cli.Batch;

/// <summary>
/// Where the requests of a batch go: to the proxy of a service that the environment names, that `dev` runs, or of a context; else, or with `--direct`, to the gateway that the client library finds in the
/// environment, .env and key files.
/// </summary>
/// <param name="Options">Of the client; its own retries are off.</param>
/// <param name="Provider">Slug; `dynamic` where the proxy finds it by the model.</param>
/// <param name="Model">As it is asked for.</param>
public sealed record GatewayTarget(GatewayClientOptions Options, string Provider, string Model)
{
    private const string WorkersAi = "workers-ai";

    // That of the script which this comes from (S4-03), by the name that it has at Cloudflare.
    private static string DefaultModel { get; } = new WorkersAiOptions().Model;

    /// <exception cref="CliException">Something is missing or wrong; nothing was sent.</exception>
    public static GatewayTarget Find(Surroundings surroundings, ServiceAddress service, string? provider, string? model, bool direct, TimeSpan timeout)
    {
        var isLocal = ModelTarget.IsLocal(provider ?? surroundings.Variables.Given("LLM_PROVIDER"));
        try
        {
            var options = (service.IsNamed && !direct && !isLocal ? ModelTarget.OfProxy(service, provider, model ?? surroundings.Variables.Given("CLOUDFLARE_MODEL") ?? DefaultModel) : Past(surroundings, provider, model)) with { MaxRetries = 0, Timeout = timeout };
            options.ResolveEndpoint();
            var slug = ProviderCatalogue.SlugOf(options.Provider) ?? options.Provider;
            return new(options, slug, options.Model ?? ProviderCatalogue.DefaultModelOf(slug)!);
        }
        catch (GatewayConfigurationException e)
        {
            throw new CliException($"{e.Message}.", ModelTarget.Next(direct));
        }
    }

    private static GatewayClientOptions Past(Surroundings surroundings, string? provider, string? model)
    {
        var options = GatewayClientOptions.FromEnvironment(
            new GatewayArguments { Provider = provider, Model = model },
            new GatewaySources { Variable = name => surroundings.Variables.GetValueOrDefault(name), Folder = surroundings.Folder });
        if (ProviderCatalogue.SlugOf(options.Provider) != WorkersAi)
        {
            return options;
        }

        // `openai/gpt-4o-mini` says its provider itself: no name of Workers AI begins so.
        return provider is null && options.Model?.Split('/', 2) is [var first, { Length: > 0 } rest] && ProviderCatalogue.SlugOf(first) is not null
            ? options with { Provider = first, Model = rest }
            : options with { Model = WorkersAiModel.Normalise(options.Model ?? DefaultModel) };
    }
}
