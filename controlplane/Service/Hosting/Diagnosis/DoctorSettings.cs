using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Hosting.Diagnosis;

/// <summary>What is examined. A credential that is not set is empty; the sources say from where each came.</summary>
public sealed record DoctorSettings
{
    public required CloudflareAccountOptions Account { get; init; }
    public string? AccountIdSource { get; init; }
    public string? ApiTokenSource { get; init; }

    /// <summary>Model of requests that name none; null where there is no such default.</summary>
    public string? Model { get; init; }

    /// <summary>Cloudflare's own report of its health; null where the management API is not Cloudflare's.</summary>
    public Uri? StatusPage { get; init; }

    /// <summary>Of a running service, or of a process that has none. Throws <see cref="StartException"/> for settings that cannot be read.</summary>
    public static DoctorSettings Of(IConfiguration configuration)
    {
        try
        {
            var account = configuration.GetSection(CloudflareAccountOptions.Section).Get<CloudflareAccountOptions>() ?? new CloudflareAccountOptions();
            return new DoctorSettings
            {
                Account = account,
                AccountIdSource = SettingSource.Of(configuration, $"{CloudflareAccountOptions.Section}:{nameof(CloudflareAccountOptions.AccountId)}"),
                ApiTokenSource = SettingSource.Of(configuration, $"{CloudflareAccountOptions.Section}:{nameof(CloudflareAccountOptions.ApiToken)}"),
                Model = configuration.GetSection(Proxy.ProxyOptions.Section)[nameof(Proxy.ProxyOptions.DefaultModel)] is { Length: > 0 } model ? model : null,
                StatusPage = account.BaseUrl.Host == "api.cloudflare.com" ? new("https://www.cloudflarestatus.com/api/v2/status.json") : null,
            };
        }
        catch (InvalidOperationException unreadable)
        {
            throw new StartException($"{unreadable.Message.TrimEnd('.')}: correct the setting", unreadable);
        }
    }

    /// <summary>What is wrong with a credential as it stands, with the fix; null for nothing.</summary>
    public string? FaultOf(string member) =>
        new CloudflareAccountOptionsValidator().Validate(null, Account) is { Failed: true, Failures: var failures }
            ? failures.Select(StartFailure.WithoutMember).FirstOrDefault(failure => failure.StartsWith($"{CloudflareAccountOptions.Section}:{member} ", StringComparison.Ordinal))
            : null;
}
