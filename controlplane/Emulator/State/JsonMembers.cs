using System.Text.Json;

namespace GatewayOps.Emulator.State;

/// <summary>Members of a JSON object that may be missing or of another type.</summary>
public static class JsonMembers
{
    /// <summary>Null where there is no such text.</summary>
    public static string? TextOf(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool FlagOf(this JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
