using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>
/// Reads filters in both forms (contract section 1.5): `filters=` a JSON array, and the SDK's `filters.key`, `filters.operator`, `filters.value`, whose names repeat
/// from filter to filter. There a part that the filter before it has already begins the next one; and where all keys come first, then all operators, then all
/// values, the first of each belong together.
/// </summary>
public static class LogFilterReader
{
    private const string Prefix = "filters.";
    private static readonly FieldPath Path = FieldPath.Query["filters"];

    private static readonly Shape Json = Shapes.ArrayOf(Shapes.ObjectOf(
        new Member("key", Shapes.Text(), Required: true),
        new Member("operator", Shapes.Text(), Required: true),
        new Member("value", Shapes.ArrayOf(Shapes.Scalar.OrNull(), minimum: 1), Required: true)));

    public static IReadOnlyList<LogFilter> Read(HttpRequest request, List<ApiError> errors)
    {
        var before = errors.Count;
        var drafts = new List<Draft>();
        var parts = new List<(string Name, string Text)>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var (name, text) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name == "filters")
                ReadJson(text, drafts, errors);
            else if (name is "filters.key" or "filters.operator" or "filters.value")
                parts.Add((name[Prefix.Length..], text));
        }
        drafts.AddRange(IsColumnar(parts) ? Columns(parts, errors) : Sequence(parts));
        if (errors.Count > before)
            return [];
        foreach (var index in drafts.Index().Where(draft => draft.Item.Values.Count == 0).Select(draft => draft.Index))
            errors.Add(ApiError.Invalid(Path[index]["value"], "Required"));
        return [.. drafts.Select((draft, index) => LogFilter.Create(draft.Key, draft.Operator, draft.Values, Path[index], errors)).OfType<LogFilter>()];
    }

    private static void ReadJson(string text, List<Draft> drafts, List<ApiError> errors)
    {
        var before = errors.Count;
        if (JsonText.Read(text) is not { } array)
        {
            errors.Add(ApiError.Invalid(Path, "Invalid JSON"));
            return;
        }
        Json.Check(array, Path, errors);
        if (errors.Count > before)
            return;
        drafts.AddRange(array.EnumerateArray().Select(item => new Draft
        {
            Key = item.GetProperty("key").GetString(),
            Operator = item.GetProperty("operator").GetString(),
            Values = [.. item.GetProperty("value").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? null : LogFilter.TextOf(value))],
        }));
    }

    // Two keys, or two operators, next to each other.
    private static bool IsColumnar(List<(string Name, string Text)> parts) => parts.Zip(parts.Skip(1)).Any(pair => pair.First.Name == pair.Second.Name && pair.First.Name != "value");

    private static List<Draft> Sequence(List<(string Name, string Text)> parts)
    {
        var drafts = new List<Draft>();
        var previous = "";
        foreach (var (name, text) in parts)
        {
            if (drafts is not [.., var last] || last.Has(name, previous))
                drafts.Add(last = new Draft());
            switch (name)
            {
                case "key":
                    last.Key = text;
                    break;
                case "operator":
                    last.Operator = text;
                    break;
                default:
                    last.Values.Add(text);
                    break;
            }
            previous = name;
        }
        return drafts;
    }

    private static List<Draft> Columns(List<(string Name, string Text)> parts, List<ApiError> errors)
    {
        string[] Column(string name) => [.. parts.Where(part => part.Name == name).Select(part => part.Text)];
        var (keys, operators, values) = (Column("key"), Column("operator"), Column("value"));
        if (keys.Length == operators.Length && keys.Length == values.Length)
            return [.. keys.Select((key, index) => new Draft { Key = key, Operator = operators[index], Values = [values[index]] })];
        errors.Add(ApiError.Invalid(Path, $"{keys.Length} keys, {operators.Length} operators and {values.Length} values: which belong together?"));
        return [];
    }

    private sealed class Draft
    {
        public string? Key { get; set; }
        public string? Operator { get; set; }
        public List<string?> Values { get; init; } = [];

        // The values of one filter stand next to each other.
        public bool Has(string name, string previous) => name switch
        {
            "key" => Key is not null,
            "operator" => Operator is not null,
            _ => Values.Count > 0 && previous != "value",
        };
    }
}
