using System.Text.Json;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.WebUtilities;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>One filter: `eq` and `contains` hold for any of the values, `neq` for all of them, `lt` and `gt` for any.</summary>
public sealed record LogFilter(LogKey Key, string Operator, IReadOnlyList<IComparable?> Values)
{
    private static readonly string[] Operators = ["eq", "neq", "contains", "lt", "gt"];

    public bool Matches(LogRow row)
    {
        var held = Key.Read(row).ToArray();
        return Operator switch
        {
            "eq" => Values.Any(value => held.Any(own => Equals(own, value))),
            "neq" => Values.All(value => held.All(own => !Equals(own, value))),
            "contains" => Values.Any(value => held.Any(own => own is not null && value is not null && own.ToString()!.Contains(value.ToString()!, StringComparison.Ordinal))),
            "lt" => Values.Any(value => held.Any(own => own is not null && value is not null && own.CompareTo(value) < 0)),
            _ => Values.Any(value => held.Any(own => own is not null && value is not null && own.CompareTo(value) > 0)),
        };
    }

    /// <summary>
    /// Reads both forms of the contract (section 1.5): `filters=` a JSON array, and the SDK's `filters.key`, `filters.operator`, `filters.value`,
    /// where a filter's parts stand together and the next key begins the next filter.
    /// </summary>
    public static IReadOnlyList<LogFilter> Read(HttpRequest request, List<ApiError> errors)
    {
        var path = FieldPath.Query["filters"];
        var drafts = new List<Draft>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var value = pair.DecodeValue().ToString();
            switch (pair.DecodeName().ToString())
            {
                case "filters":
                    ReadJson(value, path, drafts, errors);
                    break;
                case "filters.key":
                    drafts.Add(new Draft { Key = value });
                    break;
                case "filters.operator" when drafts is [.., var last]:
                    last.Operator = value;
                    break;
                case "filters.value" when drafts is [.., var last]:
                    last.Values.Add(value);
                    break;
                case "filters.operator" or "filters.value":
                    errors.Add(ApiError.Invalid(path[0]["key"], "Required"));
                    break;
            }
        }
        return [.. drafts.Select((draft, index) => draft.Settle(path[index], errors)).OfType<LogFilter>()];
    }

    private static void ReadJson(string text, FieldPath path, List<Draft> drafts, List<ApiError> errors)
    {
        var before = errors.Count;
        try
        {
            using var document = JsonDocument.Parse(text);
            Shape.Check(document.RootElement, path, errors);
            if (errors.Count > before)
                return;
            drafts.AddRange(document.RootElement.EnumerateArray().Select(item => new Draft
            {
                Key = item.GetProperty("key").GetString(),
                Operator = item.GetProperty("operator").GetString(),
                Values = [.. item.GetProperty("value").EnumerateArray().Select(TextOf)],
            }));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            errors.Add(ApiError.Invalid(path, "Invalid JSON"));
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static readonly Shape Shape = Shapes.ArrayOf(Shapes.ObjectOf(
        new Member("key", Shapes.Text(), Required: true),
        new Member("operator", Shapes.Text(), Required: true),
        new Member("value", Shapes.ArrayOf(Shapes.Kind("string", value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))), Required: true)));

    private sealed class Draft
    {
        public string? Key { get; init; }
        public string? Operator { get; set; }
        public List<string?> Values { get; init; } = [];

        public LogFilter? Settle(FieldPath path, List<ApiError> errors)
        {
            var before = errors.Count;
            if (Key is null || !LogKey.All.TryGetValue(Key, out var key))
            {
                errors.Add(ApiError.Invalid(path["key"], $"Invalid enum value. Received '{Key}'"));
                return null;
            }
            if (!Operators.Contains(Operator))
                errors.Add(ApiError.Invalid(path["operator"], $"Invalid enum value. Expected 'eq' | 'neq' | 'contains' | 'lt' | 'gt', received '{Operator}'"));
            if (Values.Count == 0)
                errors.Add(ApiError.Invalid(path["value"], "Required"));
            // A part of a number or time is a text, whatever the key's type.
            Func<string, IComparable?> parse = Operator == "contains" ? text => text : key.Parse;
            IComparable?[] values = [.. Values.Select(value => value is null ? null : parse(value))];
            foreach (var (index, value) in values.Index())
            {
                if (value is null && Values[index] is { } text)
                    errors.Add(ApiError.Invalid(path["value"][index], $"Invalid value '{text}'"));
            }
            return errors.Count > before ? null : new LogFilter(key, Operator!, values);
        }
    }
}
