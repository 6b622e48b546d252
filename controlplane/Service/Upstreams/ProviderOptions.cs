using System.Net;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Http;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>One row of the settings: it changes a provider of <see cref="UpstreamProviders"/>, or makes one, whose slug is then `custom-` and its name.</summary>
public sealed class ProviderOptions
{
    public const string Section = "GatewayOps:Providers:NAME";

    /// <summary>`gateway` or `direct`. Null: direct where there is a <see cref="BaseUrl"/> or no gateway reaches the provider.</summary>
    public string? Mode { get; init; }

    /// <summary>What OpenAI's clients would be given, such as https://llm.example/v1.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Sent to <see cref="BaseUrl"/> only, and only in direct mode.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Header of the key; null is `Authorization: Bearer`.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>What it can be asked for, by name, separated by commas or blanks; null is what the built-in row says, or <see cref="UpstreamProviders.Compatible"/>.</summary>
    public string? Operations { get; init; }

    /// <summary>Whether streams are asked for their usage; null is yes, or what the built-in row says.</summary>
    public bool? StreamUsage { get; init; }

    /// <summary>Whether it may lead to private addresses, in plain http too; null is no, but for providers of one's own machines.</summary>
    public bool? AllowPrivate { get; init; }

    public static string SectionOf(string name) => Section.Replace("NAME", name);

    internal IReadOnlyList<string>? OperationNames => Operations?.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    internal ProviderOptions Or(ProviderOptions other) => new()
    {
        Mode = Mode ?? other.Mode,
        BaseUrl = BaseUrl ?? other.BaseUrl,
        ApiKey = ApiKey ?? other.ApiKey,
        KeyHeader = KeyHeader ?? other.KeyHeader,
        Operations = Operations ?? other.Operations,
        StreamUsage = StreamUsage ?? other.StreamUsage,
        AllowPrivate = AllowPrivate ?? other.AllowPrivate,
    };

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Mode ?? "default mode"} {BaseUrl}";
}

/// <summary>All rows of the settings, by name.</summary>
public sealed class ProvidersOptions
{
    /// <summary>Names are compared without case: an environment variable may be in capitals.</summary>
    public Dictionary<string, ProviderOptions> Rows { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>One row per provider: it may be written by its slug and by its aliases, as where its key comes by the well-known name of the environment. What the first by name gives counts.</summary>
    internal IEnumerable<(string Name, string Slug, ProviderOptions Row)> Merged() => Rows
        .GroupBy(row => ProviderTable.SlugOf(row.Key))
        .Select(group => group.OrderBy(row => row.Key, StringComparer.Ordinal).ToList() is var rows
            ? (rows[0].Key, group.Key, rows.Select(row => row.Value).Aggregate((first, next) => first.Or(next)))
            : default);
}

public sealed partial class ProvidersOptionsValidator : IValidateOptions<ProvidersOptions>
{
    private const int MostRows = 64;

    public ValidateOptionsResult Validate(string? name, ProvidersOptions options)
    {
        var failures = options.Merged().SelectMany(row => Faults(row.Name, row.Row).Select(fault => $"{ProviderOptions.SectionOf(row.Name)}{fault}")).ToList();
        if (options.Rows.Count > MostRows)
        {
            failures.Add($"GatewayOps:Providers has {options.Rows.Count} rows, and {MostRows} is the most");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Faults(string name, ProviderOptions row)
    {
        if (!ProviderName().IsMatch(name))
        {
            yield return ": the name of a provider is 1 to 64 of a-z 0-9 -";
        }

        if (row.Mode is not (null or "gateway" or "direct"))
        {
            yield return ":Mode must be gateway or direct";
        }

        if (row.ApiKey is { } key && !Visible().IsMatch(key))
        {
            yield return ":ApiKey has a blank or a character that a header cannot carry: copy the key again";
        }

        if (row.KeyHeader is not (null or UpstreamProvider.Authorization or "x-api-key" or "api-key" or "x-goog-api-key"))
        {
            yield return ":KeyHeader must be authorization, x-api-key, api-key or x-goog-api-key";
        }

        foreach (var operation in (row.OperationNames ?? []).Where(operation => !ProviderTable.OperationsByName.ContainsKey(operation)))
        {
            yield return $":Operations has `{operation}`, which is none of {string.Join(", ", ProviderTable.OperationsByName.Keys)}";
        }

        var builtIn = UpstreamProviders.Find(ProviderTable.SlugOf(name));
        if (row.Mode is "gateway")
        {
            if (builtIn is null or { IsLocal: true })
            {
                yield return ":Mode is gateway, and no gateway reaches this provider: leave it out, or declare the provider under `custom_providers` of a rule set";
            }

            if (row.BaseUrl is not null)
            {
                yield return ":BaseUrl counts in direct mode alone: leave it out, or set Mode=direct";
            }
        }
        else if ((row.BaseUrl is not null || row.Mode is "direct" || builtIn is null or { IsLocal: true }) && AddressFault(row, builtIn) is { } fault)
        {
            yield return $":BaseUrl {fault}";
        }
    }

    private static string? AddressFault(ProviderOptions row, UpstreamProvider? builtIn)
    {
        if (row.BaseUrl is null && builtIn?.BaseUrl is null)
        {
            return "is not set: direct mode needs the address that the provider's guide gives to OpenAI's clients, such as https://llm.example/v1";
        }

        var isAddress = Uri.TryCreate(row.BaseUrl ?? builtIn!.BaseUrl!.ToString(), UriKind.Absolute, out var url);
        if (!isAddress || url is not { Scheme: "https" or "http", Host.Length: > 0, Query: "", Fragment: "", UserInfo: "" })
        {
            return "must be an absolute http or https address without user, query and fragment";
        }

        var allowPrivate = row.AllowPrivate ?? builtIn?.AllowPrivate ?? false;
        if (url.Scheme == "http" && !allowPrivate)
        {
            return "is plain http, which shows the key on the way: use https, or set AllowPrivate=true for a machine of your own";
        }

        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var literal) && !DirectConnections.IsAllowed(literal, allowPrivate)
            ? "leads to an address that is not of the public Internet: correct it, or set AllowPrivate=true for a machine of your own"
            : null;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9-]{1,64}\z")]
    private static partial Regex ProviderName();

    [GeneratedRegex(@"^[\x21-\x7e]+\z")]
    private static partial Regex Visible();
}
