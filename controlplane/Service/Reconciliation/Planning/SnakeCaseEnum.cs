using System.Text.Json;
using System.Text.Json.Serialization;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Enumeration members as Cloudflare spells such words: `provider_config`.</summary>
internal sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Words = Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    public static string Of(T value) => Words[value];

    public static T Parse(string word) => Words.Single(pair => pair.Value == word).Key;
}
