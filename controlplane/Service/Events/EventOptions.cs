using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Events;

/// <summary>Where audit rows are told to others.</summary>
public sealed class EventOptions
{
    public const string Section = "GatewayOps:Events";

    /// <summary>The CloudEvents `source`: tells the installations apart that one receiver hears of.</summary>
    public string Source { get; init; } = "gatewayops";

    /// <summary>Hosts and address ranges outside the public Internet that webhooks may lead to, separated by commas or blanks; plain http may be used to a host that is named.</summary>
    public string? AllowPrivate { get; init; }

    public IReadOnlyList<WebhookOptions> Webhooks { get; init; } = [];

    internal IReadOnlyList<string> AllowedPrivate => Words(AllowPrivate);

    internal static IReadOnlyList<string> Words(string? text) => text?.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];
}

/// <summary>One receiver of events.</summary>
public sealed class WebhookOptions
{
    /// <summary>Its name here; what it was told is remembered by it.</summary>
    public string Name { get; init; } = "";

    public string Url { get; init; } = "";

    /// <summary>What its events are signed with: `whsec_` and base64 of 24 to 64 bytes. Two, separated by a blank, sign both ways while one replaces the other.</summary>
    public string? Secret { get; init; }

    /// <summary>A file that holds the secret, in the place of <see cref="Secret"/>.</summary>
    public string? SecretFile { get; init; }

    /// <summary>The actions that it is told of, separated by commas or blanks; one that ends with `*` is a beginning. Absent is all.</summary>
    public string? Actions { get; init; }

    /// <summary>Without the secret, and without the address's path, which may be one.</summary>
    public override string ToString() => Name;
}

public sealed partial class EventOptionsValidator : IValidateOptions<EventOptions>
{
    private const int MostWebhooks = 8;

    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        var failures = new List<string>();
        if (!Source().IsMatch(options.Source))
        {
            failures.Add($"{EventOptions.Section}:Source must be 1 to 128 visible ASCII characters");
        }

        foreach (var entry in options.AllowedPrivate.Where(entry => !AllowedDestinations.IsEntry(entry)))
        {
            failures.Add($"{EventOptions.Section}:AllowPrivate has `{entry}`, which is neither a host's name nor an address range like 10.1.0.0/16");
        }

        if (options.Webhooks.Count > MostWebhooks)
        {
            failures.Add($"{EventOptions.Section}:Webhooks has {options.Webhooks.Count} webhooks, and {MostWebhooks} is the most");
        }

        var allowed = new AllowedDestinations(options.AllowedPrivate);
        for (var i = 0; i < options.Webhooks.Count; i++)
        {
            failures.AddRange(Faults(options.Webhooks[i], allowed).Select(fault => $"{EventOptions.Section}:Webhooks:{i}:{fault}"));
        }

        if (options.Webhooks.GroupBy(webhook => webhook.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            failures.Add($"{EventOptions.Section}:Webhooks has two webhooks with the name `{twice.Key}`");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Faults(WebhookOptions webhook, AllowedDestinations allowed)
    {
        if (!WebhookName().IsMatch(webhook.Name))
        {
            yield return "Name must be 1 to 32 of a-z 0-9 -";
        }

        if (!Uri.TryCreate(webhook.Url, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            yield return "Url must be an absolute https address without user and fragment";
        }
        else if (url.Scheme == "http" && !allowed.Names(url.Host))
        {
            yield return $"Url is plain http: use https, or name {url.Host} in {EventOptions.Section}:AllowPrivate";
        }
        else if (url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && !allowed.Allows(url.Host, System.Net.IPAddress.Parse(url.Host)))
        {
            yield return $"Url leads to an address that is not of the public Internet: correct it, or name {url.Host} in {EventOptions.Section}:AllowPrivate";
        }

        foreach (var action in EventOptions.Words(webhook.Actions).Where(action => !ActionPattern().IsMatch(action)))
        {
            yield return $"Actions has `{action}`, which is no action: controlplane/docs/events.md lists them";
        }

        if (string.IsNullOrEmpty(webhook.Secret) == string.IsNullOrEmpty(webhook.SecretFile))
        {
            yield return "Secret or SecretFile must be set, one of them: make one with `echo whsec_$(openssl rand -base64 32)`";
        }
        else
        {
            string? unreadable = null;
            var signing = Array.Empty<byte[]>();
            try
            {
                signing = [.. WebhookSecret.Read(webhook)];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable = $"SecretFile {webhook.SecretFile} cannot be read ({e.GetType().Name}): correct the path, or its permissions";
            }
            catch (FormatException)
            {
                unreadable = $"{(webhook.SecretFile is null ? "Secret" : "SecretFile")} must hold whsec_ and the base64 of 24 to 64 bytes: make one with `echo whsec_$(openssl rand -base64 32)`";
            }

            if (unreadable is not null)
            {
                yield return unreadable;
            }
            else if (signing.Length is 0 or > 2)
            {
                yield return "Secret must hold one secret, or two while one replaces the other";
            }
        }
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex WebhookName();

    [GeneratedRegex(@"^[\x21-\x7e]{1,128}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Source();

    [GeneratedRegex(@"^[a-z_]+(\.[a-z_]+)*(\.?\*)?\z|^\*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex ActionPattern();
}

/// <summary>The secrets of a webhook, read when the service starts.</summary>
internal static class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <exception cref="FormatException">One is not as it must be.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<byte[]> Read(WebhookOptions webhook) => EventOptions.Words(webhook.SecretFile is { Length: > 0 } file ? File.ReadAllText(file, Encoding.UTF8) : webhook.Secret).Select(Parse);

    private static byte[] Parse(string text)
    {
        var key = text.StartsWith(Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(text[Prefix.Length..]) : [];
        return key.Length is >= 24 and <= 64 ? key : throw new FormatException();
    }
}
