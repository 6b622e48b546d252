using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>
/// The rule-set document as JSON schema (draft 2020-12), for editors and for checks before a commit. It is made from the tables that <see cref="RuleSetReader"/> reads by, so both
/// refuse the same values. What it cannot say is <see cref="Beyond"/>.
/// </summary>
public static class RuleSetSchema
{
    /// <summary>Where the service serves it.</summary>
    public const string Path = "/schemas/rule-set.v1.json";

    public const string Id = "urn:gatewayops:schemas:rule-set:v1";

    public const string MediaType = "application/schema+json";

    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The codes of faults that no single value is to blame for, or that stand before values: the reader finds them, the schema does not.</summary>
    public static IReadOnlyList<string> Beyond { get; } =
    [
        RuleSetErrorCodes.InvalidJson,
        RuleSetErrorCodes.InvalidText,
        RuleSetErrorCodes.TooLarge,
        RuleSetErrorCodes.DuplicateKey,
        RuleSetErrorCodes.DuplicateName,
        RuleSetErrorCodes.DuplicatePriority,
        RuleSetErrorCodes.InvalidExpression,
        RuleSetErrorCodes.RouteStart,
        RuleSetErrorCodes.RouteEnd,
        RuleSetErrorCodes.RouteDanglingEdge,
        RuleSetErrorCodes.RouteUnreachable,
        RuleSetErrorCodes.RouteCycle,
        RuleSetErrorCodes.RoutePercentages,
        RuleSetErrorCodes.RouteProviders,
        RuleSetErrorCodes.RulesTie,
        RuleSetErrorCodes.TooManyOverlaps,
        RuleSetErrorCodes.Conflict,
    ];

    /// <summary>Indented JSON; the same in every process of one version.</summary>
    public static string Text => Made.Value;

    private static string Make()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = Id,
            ["$comment"] = $"What is about several values at once is checked by `gatewayops content validate` alone: {string.Join(", ", Beyond)}; and a glob that no known provider or method could meet.",
        };
        foreach (var (keyword, value) in DocumentShape.Document.Schema())
            schema[keyword] = value?.DeepClone();
        schema["$defs"] = ConditionsCheck.Definitions();
        // The text is UTF-8 JSON and never part of a page: quotes and angle brackets may stand as they are.
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }
}
