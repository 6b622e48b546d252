using System.Text.Json;
using System.Text.Json.Serialization;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Enumeration members as Cloudflare spells such words: `provider_config`.</summary>
internal sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum
{
    public static string Of(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
