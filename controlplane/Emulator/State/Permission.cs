using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace GatewayOps.Emulator.State;

/// <summary>
/// A permission group of API tokens (contract sections 1.1 and 10). Whoever may write may read, and whoever may read the logs may list them.
/// Only two ids are known from Cloudflare; the others are made from the name, so that they are the same in every emulator: resolve them by name.
/// </summary>
public sealed class Permission
{
    /// <summary>Scope of groups that apply to an account.</summary>
    public const string AccountScope = "com.cloudflare.api.account";

    /// <summary>Scope of groups that apply to a user.</summary>
    public const string UserScope = "com.cloudflare.api.user";

    public static readonly Permission AiGatewayWrite = new("AI Gateway Write", "6c8a3737f07f46369c1ea1f22138daaf");
    public static readonly Permission AiGatewayRead = new("AI Gateway Read", "4dc8917b4b40457d88d3035d5dadb054", AiGatewayWrite);

    /// <summary>Lists log rows without their bodies.</summary>
    public static readonly Permission AiGatewayMetadataRead = new("AI Gateway Metadata Read", id: null, AiGatewayRead, AiGatewayWrite);

    /// <summary>The data plane, of every gateway of the account: it cannot be narrowed to one.</summary>
    public static readonly Permission AiGatewayRun = new("AI Gateway Run");

    public static readonly Permission SecretsStoreWrite = new("Secrets Store Write");
    public static readonly Permission SecretsStoreRead = new("Secrets Store Read", id: null, SecretsStoreWrite);
    public static readonly Permission WorkersAiWrite = new("Workers AI Write");
    public static readonly Permission WorkersAiRead = new("Workers AI Read", id: null, WorkersAiWrite);
    public static readonly Permission AccountAnalyticsRead = new("Account Analytics Read");
    public static readonly Permission WorkersObservabilityWrite = new("Workers Observability Write");
    public static readonly Permission WorkersObservabilityRead = new("Workers Observability Read", id: null, WorkersObservabilityWrite);
    public static readonly Permission LogsWrite = new("Logs Write");
    public static readonly Permission LogsRead = new("Logs Read", id: null, LogsWrite);
    public static readonly Permission AccountTokensWrite = new("Account API Tokens Write");
    public static readonly Permission AccountTokensRead = new("Account API Tokens Read", id: null, AccountTokensWrite);
    public static readonly Permission UserTokensWrite = new("API Tokens Write", UserScope, id: null);
    public static readonly Permission UserTokensRead = new("API Tokens Read", UserScope, id: null, UserTokensWrite);

    private Permission(string name, string? id = null, params Permission[] impliedBy)
        : this(name, AccountScope, id, impliedBy)
    {
    }

    private Permission(string name, string scope, string? id, params Permission[] impliedBy) =>
        (Name, Scope, Id, ImpliedBy) = (name, scope, id ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..32], impliedBy);

    /// <summary>By name.</summary>
    public static IReadOnlyList<Permission> All { get; } =
    [
        AccountAnalyticsRead, AccountTokensRead, AccountTokensWrite, AiGatewayMetadataRead, AiGatewayRead, AiGatewayRun, AiGatewayWrite, UserTokensRead, UserTokensWrite,
        LogsRead, LogsWrite, SecretsStoreRead, SecretsStoreWrite, WorkersAiRead, WorkersAiWrite, WorkersObservabilityRead, WorkersObservabilityWrite,
    ];

    private static readonly FrozenDictionary<string, Permission> ById = All.ToFrozenDictionary(permission => permission.Id);

    /// <summary>32 hexadecimal digits.</summary>
    public string Id { get; }

    public string Name { get; }

    /// <summary>What it applies to: <see cref="AccountScope"/> or <see cref="UserScope"/>.</summary>
    public string Scope { get; }

    /// <summary>Groups that give this one too.</summary>
    public IReadOnlyList<Permission> ImpliedBy { get; }

    public static Permission? Find(string id) => ById.GetValueOrDefault(id);

    public override string ToString() => Name;
}
