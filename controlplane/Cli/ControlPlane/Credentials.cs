using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Hosting;
using Microsoft.Extensions.Configuration;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>Where the two Cloudflare credentials come from, by the order that the service itself follows (settings.md). Null: from nowhere. The values stay where they are.</summary>
public sealed record Credentials(string? AccountId, string? ApiToken)
{
    public const string NotConfigured = "Not Configured";

    // The order of ServiceSettings.AddSources, the weakest first.
    private static readonly string[] Sources = ["keys/cloudflare-key", "appsettings.json", "appsettings.{0}.json", ".env", "environment"];

    /// <summary>Both are there.</summary>
    public bool AreComplete => AccountId is not null && ApiToken is not null;

    /// <summary>Neither is there.</summary>
    public bool AreMissing => AccountId is null && ApiToken is null;

    /// <summary>The variables that would make them complete.</summary>
    public IReadOnlyList<string> Missing => [.. new[] { (AccountId, "CLOUDFLARE_ACCOUNT_ID"), (ApiToken, "CLOUDFLARE_API_TOKEN") }.Where(entry => entry.Item1 is null).Select(entry => entry.Item2)];

    /// <summary>For people: where they come from, or what is missing.</summary>
    public string Told => this switch
    {
        { AreMissing: true } => NotConfigured,
        { AreComplete: true } => AccountId == ApiToken ? $"from {AccountId}" : $"account from {AccountId}, token from {ApiToken}",
        _ => $"{string.Join(" and ", Missing)} not set",
    };

    public static Credentials Find(Surroundings surroundings)
    {
        using var configuration = new ConfigurationManager();
        try
        {
            ServiceSettings.AddSources(configuration, [], surroundings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CliException($"The settings in {surroundings.Folder} cannot be read: {e.Message}", "put the file right, or run this elsewhere");
        }

        var providers = ((IConfigurationRoot)configuration).Providers.TakeLast(Sources.Length + 1).SkipLast(1).ToList(); // the last one is the command line
        return new(Source("GatewayOps:Cloudflare:AccountId"), Source("GatewayOps:Cloudflare:ApiToken"));

        string? Source(string setting)
        {
            var index = providers.FindLastIndex(provider => provider.TryGet(setting, out var value) && !string.IsNullOrEmpty(value));
            return index < 0 ? null : string.Format(System.Globalization.CultureInfo.InvariantCulture, Sources[index], surroundings.EnvironmentName);
        }
    }

    public JsonObject ToJson() => new() { ["accountId"] = AccountId, ["apiToken"] = ApiToken };
}
