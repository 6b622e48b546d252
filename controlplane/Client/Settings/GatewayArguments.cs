using System.Text;

namespace GatewayOps.Client;

/// <summary>What a program says itself; it wins over every other source. Null says nothing.</summary>
public sealed record GatewayArguments
{
    /// <summary>As <see cref="GatewayClientOptions.Provider"/>.</summary>
    public string? Provider { get; init; }

    /// <summary>As <see cref="GatewayClientOptions.AccountId"/>.</summary>
    public string? AccountId { get; init; }

    /// <summary>As <see cref="GatewayClientOptions.GatewayId"/>.</summary>
    public string? GatewayId { get; init; }

    /// <summary>As <see cref="GatewayClientOptions.GatewayToken"/>. Never part of ToString.</summary>
    public string? GatewayToken { get; init; }

    /// <summary>As <see cref="GatewayClientOptions.Model"/>.</summary>
    public string? Model { get; init; }

    /// <summary>As <see cref="GatewayClientOptions.BaseUrl"/>.</summary>
    public Uri? BaseUrl { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Provider = {Provider}, AccountId = {AccountId}, GatewayId = {GatewayId}, Model = {Model}, BaseUrl = {BaseUrl}");
        return true;
    }
}

/// <summary>Where settings are read from.</summary>
public sealed record GatewaySources
{
    /// <summary>A variable of the environment by name; null or empty is not set. Default: this process's.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The folder of `.env` and of `keys/cloudflare-key`. Default: the current one.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>A .env file by name; it must be there. Null, the default, reads `.env` of <see cref="Folder"/> where there is one.</summary>
    public string? EnvFile { get; init; }
}
