using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.Management;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Snapshots;

/// <summary>
/// One area of the state in a snapshot: a member of the file, or of each of its gateways. Objects are written as `{id, times, body}`, where `body` is what the
/// API's create would have been sent, checked by the same shape. Ids and times may be missing, so that a fixture can be written by hand.
/// </summary>
/// <param name="Save">Null = there is nothing of it.</param>
/// <param name="Restore">Sees a value of the shape, and throws <see cref="SnapshotException"/> for what only the whole can tell.</param>
public sealed record SnapshotPart<TOwner>(string Name, Shape Shape, Func<TOwner, SnapshotChoice, JsonNode?> Save, Action<TOwner, JsonElement, FieldPath> Restore);

/// <summary>Words that the parts are written with.</summary>
internal static class SnapshotWords
{
    /// <summary>A time with its ticks: what was in order stays in order.</summary>
    public static readonly Shape Time = Shapes.Text(1).And((value, path, errors) =>
    {
        if (!value.TryGetDateTimeOffset(out _))
            errors.Add(ApiError.Invalid(path, "Expected a time as in 2026-11-20T12:00:00Z"));
    });

    public static readonly Member Id = new("id", Shapes.Text(1, 128));
    public static readonly Member CreatedAt = new("createdAt", Time);
    public static readonly Member ModifiedAt = new("modifiedAt", Time);

    public static Member Body(Shape shape) => new("body", shape, Required: true);

    public static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static JsonNode Node(JsonElement element) => JsonNode.Parse(element.GetRawText())!;

    public static JsonArray? Listed<T>(IEnumerable<T> items, Func<T, JsonNode> save) => items.Select(save).ToArray() is { Length: > 0 } saved ? new JsonArray(saved) : null;

    public static JsonElement Body(this JsonElement saved) => saved.GetProperty("body");

    public static string IdOr(this JsonElement saved, string made, string name = "id") => saved.TextOf(name) ?? made;

    public static DateTimeOffset? TimeOf(this JsonElement saved, string name) => saved.TryGetProperty(name, out var value) ? value.GetDateTimeOffset() : null;

    public static double? NumberOf(this JsonElement saved, string name) => saved.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    /// <summary>The items of a list with their places.</summary>
    public static IEnumerable<(JsonElement Item, FieldPath Path)> Items(this JsonElement list, FieldPath path) => list.EnumerateArray().Select((item, index) => (item, path[index]));
}
