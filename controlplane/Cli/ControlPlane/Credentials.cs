using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Hosting;
using Microsoft.Extensions.Configuration;

namespace GatewayOps.Cli.ControlPlane;

/// <summary>Where the two Cloudflare credentials come from, as the service itself would take them (settings.md). Null: from nowhere. The values stay where they are.</summary>
public sealed record Credentials(string? AccountId, string? ApiToken)
{
    public const string NotConfigured = "Not Configured";

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

    /// <summary>What to do about those that are missing.</summary>
    public string Fix => $"export {string.Join(" and ", Missing)} (tokens with AI Gateway: Edit are made at {Links.Tokens})";

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
        catch (StartException e)
        {
            throw new CliException(e.Message, "put the setting right, then repeat");
        }

        return new(SettingSource.Of(configuration, "GatewayOps:Cloudflare:AccountId"), SettingSource.Of(configuration, "GatewayOps:Cloudflare:ApiToken"));
    }

    public JsonObject ToJson() => new() { ["accountId"] = AccountId, ["apiToken"] = ApiToken };
}
