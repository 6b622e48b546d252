using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Client;

/// <summary>Clients for a container: singletons, with its <see cref="TimeProvider"/> and loggers where it has them.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <summary>Registers <see cref="GatewayChatClient"/>, <see cref="IChatClient"/> and <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of one gateway. Wrong options fail when the first is resolved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="options">The gateway; null reads the environment when the client is resolved.</param>
    public static IServiceCollection AddGatewayClient(this IServiceCollection services, GatewayClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(provider => Chat(provider, options));
        services.AddSingleton<IChatClient>(provider => provider.GetRequiredService<GatewayChatClient>());
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => Vectors(provider, options));
        return services;
    }

    /// <summary>The same under a key, for a program with several gateways: `[FromKeyedServices("fast")] IChatClient`.</summary>
    /// <param name="services">The container.</param>
    /// <param name="key">The key of this gateway's client; a second registration of a key replaces the first.</param>
    /// <param name="options">The gateway.</param>
    public static IServiceCollection AddGatewayClient(this IServiceCollection services, object key, GatewayClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        services.AddKeyedSingleton(key, (provider, _) => Chat(provider, options));
        services.AddKeyedSingleton<IChatClient>(key, (provider, own) => provider.GetRequiredKeyedService<GatewayChatClient>(own));
        services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(key, (provider, _) => Vectors(provider, options));
        return services;
    }

    private static GatewayChatClient Chat(IServiceProvider provider, GatewayClientOptions? options) =>
        new(options ?? GatewayClientOptions.FromEnvironment(), null, provider.GetService<TimeProvider>(), provider.GetService<ILogger<GatewayChatClient>>());

    private static GatewayEmbeddingGenerator Vectors(IServiceProvider provider, GatewayClientOptions? options) =>
        new(options ?? GatewayClientOptions.FromEnvironment(), null, provider.GetService<TimeProvider>(), provider.GetService<ILogger<GatewayEmbeddingGenerator>>());
}
