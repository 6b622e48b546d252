using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Memory;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>Where a setting comes from, in words for people. Its value is told nowhere.</summary>
public static class SettingSource
{
    /// <summary>The strongest source that has it; null for none.</summary>
    public static string? Of(IConfiguration configuration, string setting) =>
        ((IConfigurationRoot)configuration).Providers.Reverse().FirstOrDefault(provider => provider.TryGet(setting, out var value) && !string.IsNullOrEmpty(value)) switch
        {
            null => null,
            NamedProvider named => named.Name,
            FileConfigurationProvider file => Path.GetFileName(file.Source.Path),
            CommandLineConfigurationProvider => "the command line",
            _ => "the host",
        };

    /// <summary>Settings in memory that say from where they are.</summary>
    internal static void Add(IConfigurationBuilder configuration, string name, IEnumerable<KeyValuePair<string, string?>> settings) => configuration.Add(new NamedSource(name, settings));

    private sealed class NamedSource(string name, IEnumerable<KeyValuePair<string, string?>> settings) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new NamedProvider(name, settings);
    }

    private sealed class NamedProvider(string name, IEnumerable<KeyValuePair<string, string?>> settings) : MemoryConfigurationProvider(new MemoryConfigurationSource { InitialData = settings })
    {
        public string Name => name;
    }
}
