using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// What of a body may be kept: blacked out by rule, then cut. A rule is a path into JSON (`messages.*.content`; `*` any member or index, `**` any depth) or `/pattern/` over texts. Of a body that
/// is no JSON paths find nothing, so with a path among the rules none of it is kept: what cannot be looked into cannot be shown.
/// </summary>
public sealed class BodyRedaction
{
    public const string Redacted = "[redacted]";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    private readonly List<string[]> _paths = [];
    private readonly List<Regex> _patterns = [];
    private readonly int _most;

    public BodyRedaction(IEnumerable<string> rules, int mostCharacters)
    {
        _most = mostCharacters;
        foreach (var rule in rules)
        {
            if (PatternOf(rule) is { } pattern)
            {
                _patterns.Add(new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            }
            else
            {
                _paths.Add(rule.Split('.'));
            }
        }
    }

    /// <summary>Why a rule is none; null for a good one.</summary>
    public static string? Fault(string rule)
    {
        if (PatternOf(rule) is { } pattern)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
                return null;
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return "is not a regular expression without look-around and back references";
            }
        }

        return rule.Split('.').Any(part => part.Length == 0) ? "must be a path such as messages.*.content, or /pattern/" : null;
    }

    /// <summary>The body as it may be kept, and whether some of it was left out for its length.</summary>
    public (string? Text, bool IsCut) Apply(byte[]? body) => Apply(body is null ? null : Encoding.UTF8.GetString(body));

    public (string? Text, bool IsCut) Apply(string? body)
    {
        if (string.IsNullOrEmpty(body))
        {
            return (null, false);
        }

        var text = Parsed(body) is { } tree ? Shown(tree) : _paths.Count > 0 ? Redacted : Blackened(body);
        text = StoredText.Of(text);
        if (text.Length <= _most)
        {
            return (text, false);
        }

        var end = char.IsHighSurrogate(text[_most - 1]) ? _most - 1 : _most;
        return (text[..end], true);
    }

    private string Shown(JsonNode tree)
    {
        foreach (var path in _paths)
        {
            tree = Without(tree, path);
        }

        return (_patterns.Count == 0 ? tree : WithoutPatterns(tree)).ToJsonString(Plain);
    }

    private static JsonNode Without(JsonNode? node, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            return JsonValue.Create(Redacted);
        }

        if (path[0] == "**")
        {
            // Here already, and anywhere below.
            var here = path.Length > 1 ? Without(node, path[1..]) : JsonValue.Create(Redacted);
            Replace(here, null, path);
            return here;
        }

        Replace(node, path[0], path[1..]);
        return node!;
    }

    private static void Replace(JsonNode? node, string? name, ReadOnlySpan<string> rest)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var key in members.Select(member => member.Key).ToList())
                {
                    if ((name is null or "*" || name == key) && (members[key] is not null || rest.IsEmpty))
                    {
                        Set(members[key], rest, changed => members[key] = changed);
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if ((name is null or "*" || name == i.ToString(System.Globalization.CultureInfo.InvariantCulture)) && (items[i] is not null || rest.IsEmpty))
                    {
                        var index = i;
                        Set(items[i], rest, changed => items[index] = changed);
                    }
                }

                break;
        }
    }

    // A node that stays in its place must not be set there again: it has a parent.
    private static void Set(JsonNode? node, ReadOnlySpan<string> rest, Action<JsonNode> set)
    {
        var changed = Without(node, rest);
        if (!ReferenceEquals(changed, node))
        {
            set(changed);
        }
    }

    private JsonNode WithoutPatterns(JsonNode node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var key in members.Select(member => member.Key).ToList())
                {
                    if (members[key] is { } value)
                    {
                        var changed = WithoutPatterns(value);
                        if (!ReferenceEquals(changed, value))
                        {
                            members[key] = changed;
                        }
                    }
                }

                return node;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } value && WithoutPatterns(value) is var changed && !ReferenceEquals(changed, value))
                    {
                        items[i] = changed;
                    }
                }

                return node;
            default:
                return node.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is var text && Blackened(text) is var black && black != text ? JsonValue.Create(black) : node;
        }
    }

    private string Blackened(string text) => _patterns.Aggregate(text, (so, pattern) => pattern.Replace(so, Redacted));

    // A member twice, a lone half of a surrogate pair, too deep: not to be looked into.
    private static JsonNode? Parsed(string body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 200 }) is { } node && node.ToJsonString(Plain).Length > 0 ? node : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static string? PatternOf(string rule) => rule.Length > 2 && rule[0] == '/' && rule[^1] == '/' ? rule[1..^1] : null;
}
