using System.Text.Json;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Column names are the property names in snake case, so that SQL by hand reads as SQL.</summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
