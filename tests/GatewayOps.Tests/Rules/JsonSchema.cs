using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Rules;

/// <summary>
/// As much of JSON schema (draft 2020-12) as the published schema uses, written from the standard and not from the reader: a keyword that it does not know is a failure of the test.
/// </summary>
internal sealed class JsonSchema(JsonObject root)
{
    private static readonly string[] Annotations = ["$schema", "$id", "$comment", "$defs", "title", "description"];

    private readonly Dictionary<string, Regex> _patterns = [];

    public bool Accepts(JsonNode? value) => Accepts(root, value);

    private bool Accepts(JsonNode schema, JsonNode? value) =>
        schema is JsonValue flag ? flag.GetValue<bool>() : schema.AsObject().All(keyword => Holds(keyword.Key, keyword.Value!, schema.AsObject(), value));

    private bool Holds(string keyword, JsonNode rule, JsonObject schema, JsonNode? value) => keyword switch
    {
        _ when Annotations.Contains(keyword) => true,
        "$ref" => Accepts(root["$defs"]![rule.GetValue<string>()["#/$defs/".Length..]]!, value),
        "type" => IsOf(rule.GetValue<string>(), value),
        "const" => JsonNode.DeepEquals(rule, value),
        "enum" => rule.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
        "not" => !Accepts(rule, value),
        "anyOf" => rule.AsArray().Any(choice => Accepts(choice!, value)),
        "oneOf" => rule.AsArray().Count(choice => Accepts(choice!, value)) == 1,
        "minimum" => NumberOf(value) is not { } number || number >= Exact(rule),
        "maximum" => NumberOf(value) is not { } number || number <= Exact(rule),
        "exclusiveMinimum" => NumberOf(value) is not { } number || number > Exact(rule),
        "minLength" => TextOf(value) is not { } text || text.EnumerateRunes().Count() >= rule.GetValue<int>(),
        "maxLength" => TextOf(value) is not { } text || text.EnumerateRunes().Count() <= rule.GetValue<int>(),
        "pattern" => TextOf(value) is not { } text || Pattern(rule.GetValue<string>()).IsMatch(text),
        "items" => value is not JsonArray list || list.All(item => Accepts(rule, item)),
        "minItems" => value is not JsonArray list || list.Count >= rule.GetValue<int>(),
        "maxItems" => value is not JsonArray list || list.Count <= rule.GetValue<int>(),
        "uniqueItems" => value is not JsonArray list || list.Index().All(item => list.Take(item.Index).All(earlier => !JsonNode.DeepEquals(earlier, item.Item))),
        "required" => value is not JsonObject members || rule.AsArray().All(name => members.ContainsKey(name!.GetValue<string>())),
        "properties" => value is not JsonObject members || members.All(member => rule[member.Key] is not { } known || Accepts(known, member.Value)),
        "additionalProperties" => value is not JsonObject members || members.All(member => schema["properties"]?[member.Key] is not null || Accepts(rule, member.Value)),
        "propertyNames" => value is not JsonObject members || members.All(member => Accepts(rule, JsonValue.Create(member.Key))),
        "minProperties" => value is not JsonObject members || members.Count >= rule.GetValue<int>(),
        "maxProperties" => value is not JsonObject members || members.Count <= rule.GetValue<int>(),
        _ => throw new NotSupportedException($"the evaluator does not know the keyword {keyword}"),
    };

    private static bool IsOf(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => TextOf(value) is not null,
        "number" => NumberOf(value) is not null,
        "integer" => NumberOf(value) is { IsInteger: true },
        "boolean" => value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "null" => value is null,
        _ => throw new NotSupportedException($"the evaluator does not know the type {type}"),
    };

    private static string? TextOf(JsonNode? value) => value?.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : null;

    private static Rational? NumberOf(JsonNode? value) => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number ? Exact(value) : null;

    private static Rational Exact(JsonNode number) => Rational.Parse(number.ToJsonString());

    // In JavaScript, `$` is the end of the text and nothing else.
    private Regex Pattern(string pattern) => _patterns.TryGetValue(pattern, out var known)
        ? known
        : _patterns[pattern] = new Regex(pattern.EndsWith('$') ? pattern[..^1] + @"\z" : pattern, RegexOptions.CultureInvariant);

    private readonly record struct Rational(BigInteger Numerator, BigInteger Denominator)
    {
        public bool IsInteger => (Numerator % Denominator).IsZero;

        public static Rational Parse(string json)
        {
            var parts = json.Split('e', 'E');
            var point = parts[0].IndexOf('.', StringComparison.Ordinal);
            var exponent = (parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0) - (point < 0 ? 0 : parts[0].Length - point - 1);
            var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            return exponent >= 0 ? new(digits * BigInteger.Pow(10, exponent), 1) : new(digits, BigInteger.Pow(10, -exponent));
        }

        public static bool operator <=(Rational a, Rational b) => a.Numerator * b.Denominator <= b.Numerator * a.Denominator;

        public static bool operator >=(Rational a, Rational b) => b <= a;

        public static bool operator <(Rational a, Rational b) => !(b <= a);

        public static bool operator >(Rational a, Rational b) => !(a <= b);
    }
}
