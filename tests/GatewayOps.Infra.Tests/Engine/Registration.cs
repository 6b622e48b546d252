using System.Text.Json.Nodes;

namespace GatewayOps.Infra.Tests.Engine;

/// <summary>One resource as the program registered it. Inputs stand as on the wire, secrets in their envelope.</summary>
internal sealed record Registration(string Type, string Name, string Urn, string Parent, bool IsCustom, JsonObject Inputs, bool? Protect, string[] IgnoreChanges, string[] SecretOutputs, string[] Dependencies, int Aliases, string Version)
{
    // Source: pulumi, sdk/go/common/resource/properties.go.
    private const string Signature = "4dabf18193072939515e22adb298388d";
    private const string SecretSignature = "1b47061264138c4ac30d75fd1eb44270";

    /// <summary>From a RegisterResourceRequest.</summary>
    public static Registration Read(ReadOnlyMemory<byte> bytes)
    {
        var request = Wire.Read(bytes);
        var (type, name, parent) = (Wire.TextOf(request, 1), Wire.TextOf(request, 2), Wire.TextOf(request, 3));
        var kind = parent.Length == 0 || parent.Split("::")[2] == "pulumi:pulumi:Stack" ? type : $"{parent.Split("::")[2]}${type}";
        return new Registration(
            type,
            name,
            $"urn:pulumi:prod::gatewayops::{kind}::{name}",
            parent,
            Wire.FlagOf(request, 4),
            request.Where(item => item.Field == 5).Select(item => Wire.Struct(item.Bytes)).LastOrDefault() ?? [],
            request.Any(item => item.Field == 6) ? Wire.FlagOf(request, 6) : null,
            Wire.TextsOf(request, 12),
            Wire.TextsOf(request, 14),
            Wire.TextsOf(request, 7),
            request.Count(item => item.Field is 15 or 26),
            Wire.TextOf(request, 11));
    }

    public static bool IsSecret(JsonNode? value) => value is JsonObject envelope && envelope[Signature]?.GetValue<string>() == SecretSignature;

    /// <summary>The texts that stand outside of every secret envelope.</summary>
    public static IEnumerable<string> InClear(JsonNode? value) => value switch
    {
        JsonObject when IsSecret(value) => [],
        JsonObject members => members.SelectMany(member => InClear(member.Value)),
        JsonArray items => items.SelectMany(InClear),
        JsonValue text => [text.ToString()],
        _ => [],
    };

    /// <summary>The value without the envelopes, as a provider gets it.</summary>
    public static JsonNode? Opened(JsonNode? value) => value switch
    {
        JsonObject envelope when IsSecret(value) => Opened(envelope["value"]),
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Opened(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Opened)]),
        _ => value?.DeepClone(),
    };
}
