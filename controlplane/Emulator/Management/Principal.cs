using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management;

/// <summary>Who asks.</summary>
/// <param name="Budget">Whose requests are counted together: all of a user's tokens and keys; an account-owned token by itself.</param>
/// <param name="Token">Null = the user with the legacy key, who may do everything.</param>
public sealed record Principal(string Budget, TokenState? Token)
{
    public bool Grants(Permission permission, string resource) => Token?.Grants(permission, resource) ?? true;
}
