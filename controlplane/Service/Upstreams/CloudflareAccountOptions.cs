using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>The Cloudflare account that this service operates. Source: product contract, section 4.</summary>
public sealed class CloudflareAccountOptions
{
    public const string Section = "GatewayOps:Cloudflare";

    [Required(ErrorMessage = Section + ":AccountId is not set: set CLOUDFLARE_ACCOUNT_ID; without an account, `gatewayops dev` runs everything on this machine")]
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = Section + ":AccountId (CLOUDFLARE_ACCOUNT_ID) must be 1 to 64 of A-Z a-z 0-9 _ -: copy it from the account's overview page")]
    public string AccountId { get; init; } = "";

    /// <summary>Management API token. Sent to <see cref="BaseUrl"/> only.</summary>
    [Required(ErrorMessage = Section + ":ApiToken is not set: set CLOUDFLARE_API_TOKEN to an API token with the permission AI Gateway: Edit")]
    [RegularExpression(@"^[\x21-\x7e]+$", ErrorMessage = Section + ":ApiToken (CLOUDFLARE_API_TOKEN) has a blank or a character that a header cannot carry: copy the token again")]
    public string ApiToken { get; init; } = "";

    /// <summary>The gateway of rule sets that name none.</summary>
    [RegularExpression("^[a-z0-9][a-z0-9_-]{0,63}$", ErrorMessage = Section + ":GatewayId (CLOUDFLARE_GATEWAY_ID) must be 1 to 64 of a-z 0-9 _ -, starting with a letter or digit")]
    public string GatewayId { get; init; } = "openai-compat";

    /// <summary>Data-plane token (cf-aig-authorization); null where the gateway asks for none.</summary>
    [RegularExpression(@"^[\x21-\x7e]+$", ErrorMessage = Section + ":GatewayToken (CLOUDFLARE_GATEWAY_TOKEN) has a blank or a character that a header cannot carry: copy the token again")]
    public string? GatewayToken { get; init; }

    [HttpAddress(ErrorMessage = Section + ":BaseUrl (CLOUDFLARE_BASE_URL) must be an absolute http or https address; the default is https://api.cloudflare.com/client/v4")]
    public Uri BaseUrl { get; init; } = new("https://api.cloudflare.com/client/v4");

    [HttpAddress(ErrorMessage = Section + ":GatewayBaseUrl (CLOUDFLARE_GATEWAY_BASE_URL) must be an absolute http or https address; the default is https://gateway.ai.cloudflare.com")]
    public Uri GatewayBaseUrl { get; init; } = new("https://gateway.ai.cloudflare.com");

    /// <summary>Without the tokens.</summary>
    public override string ToString() => $"account {AccountId}, default gateway {GatewayId}, management {BaseUrl}, data plane {GatewayBaseUrl}";
}

/// <summary>An absolute http or https address.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpAddressAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) =>
        value is null or Uri { IsAbsoluteUri: true, Scheme: "http" or "https", Host.Length: > 0, Query: "", Fragment: "", UserInfo: "" };
}

[OptionsValidator]
public sealed partial class CloudflareAccountOptionsValidator : IValidateOptions<CloudflareAccountOptions>;
