using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Tokens;

/// <summary>The body of a token create and update (contract section 10).</summary>
public static class TokenShape
{
    private static readonly Regex ResourceName = new(@"^com\.cloudflare\.[a-z0-9_.-]+(?:\.\*)?$", RegexOptions.NonBacktracking);

    private static readonly Shape All = OneOf("*");

    private static readonly Shape Network = Text(1).And((value, path, errors) =>
    {
        if (TokenTerms.Network(value.GetString()!) is null)
            errors.Add(ApiError.Invalid(path, $"'{value.GetString()}' is no address and no network in CIDR notation"));
    });

    private static readonly Shape Time = Text(1).And((value, path, errors) =>
    {
        if (TimeOf(value) is null)
            errors.Add(ApiError.Invalid(path, "Expected a time as in 2026-11-20T12:00:00Z"));
    });

    private static readonly Shape Resources = MapOf(Either(value => value.ValueKind == JsonValueKind.Object, Named(MapOf(All)), All));

    private static readonly Shape Policy = ObjectOf(
        new Member("effect", OneOf("allow", "deny"), Required: true),
        new Member("permission_groups", ArrayOf(ObjectOf(new Member("id", Text(1), Required: true)), minimum: 1), Required: true),
        new Member("resources", Named(Resources), Required: true));

    private static readonly Member[] Members =
    [
        new("name", Text(1, 120), Required: true),
        new("policies", ArrayOf(Policy, minimum: 1), Required: true),
        new("condition", ObjectOf(new Member("request_ip", ObjectOf(new Member("in", ArrayOf(Network)), new Member("not_in", ArrayOf(Network)))))),
        new("expires_on", Time),
        new("not_before", Time),
    ];

    public static Shape Create { get; } = ObjectOf(Members);

    public static Shape Update { get; } = ObjectOf([.. Members, new Member("status", OneOf("active", "disabled", "expired"))]);

    /// <summary>RFC 3339; a time without an offset is none.</summary>
    public static DateTimeOffset? TimeOf(JsonElement value) =>
        value.GetString() is { } text && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal))
        && text.Contains('T', StringComparison.Ordinal)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    private static Shape Named(Shape map) => map.And((value, path, errors) =>
    {
        if (value.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Undefined })
            errors.Add(ApiError.Invalid(path, "At least one resource is needed"));
        foreach (var resource in value.EnumerateObject().Where(resource => !ResourceName.IsMatch(resource.Name)))
            errors.Add(ApiError.Invalid(path, $"'{resource.Name}' is no resource: expected com.cloudflare.api.account.<id>, say"));
    });
}
