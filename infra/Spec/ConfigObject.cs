using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// One object of the configuration: the whole, whose values are texts, or one of those that stand in a list. Remembers which keys were asked for, so that the rest can be told.
/// Pulumi stores `pulumi config set --path` as true, 60 or text, and a plain `pulumi config set` as text alone: both are taken.
/// </summary>
internal sealed class ConfigObject(IReadOnlyDictionary<string, JsonElement> members, string path, ConfigFaults faults, Func<string, bool> isSecret)
{
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    public static ConfigObject Of(StackConfiguration configuration, ConfigFaults faults) =>
        new(configuration.Values.ToDictionary(entry => entry.Key, entry => JsonSerializer.SerializeToElement(entry.Value)), "", faults, configuration.Secret.Contains);

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public bool Has(string key) => Find(key) is not null;

    public bool IsSecret(string key) => isSecret(key);

    public bool IsFaulty(string key) => faults.HasAny(PathOf(key));

    public void Fault(string key, string message) => faults.Add(PathOf(key), message);

    public string? Text(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString();
            case { ValueKind: JsonValueKind.Number } number:
                return number.GetRawText();
            default:
                Fault(key, "expected a text");
                return null;
        }
    }

    public string? RequiredText(string key, string what)
    {
        if (!Has(key) || (Text(key) is { Length: 0 } && !IsFaulty(key)))
        {
            Fault(key, path.Length == 0 ? $"missing: set it to {what}: pulumi config set {key} <value>" : $"missing: set it to {what}");
            return null;
        }

        return Text(key);
    }

    public bool? Flag(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.True or JsonValueKind.False } flag:
                return flag.GetBoolean();
            case { ValueKind: JsonValueKind.String } text when text.GetString() is "true" or "false":
                return text.GetString() == "true";
            case var other:
                Fault(key, $"expected true or false, found {Shown(key, other.Value)}");
                return null;
        }
    }

    public JsonNode? Integer(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.Number } number:
                return JsonNode.Parse(number.GetRawText());
            case { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value):
                return value;
            case var other:
                Fault(key, $"expected a whole number, found {Shown(key, other.Value)}");
                return null;
        }
    }

    /// <summary>An object or a list; the text of one is parsed.</summary>
    public JsonElement? Tree(string key)
    {
        if (Find(key) is not { } found)
            return null;
        if (found.ValueKind == JsonValueKind.String)
        {
            try
            {
                found = JsonDocument.Parse(found.GetString()!, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 }).RootElement;
            }
            catch (JsonException)
            {
                found = default;
            }
        }

        if (found.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return found;
        Fault(key, path.Length == 0 ? $"expected an object or a list: pulumi config set --path '{key}...' <value>, or write it as YAML into the stack's file" : "expected an object or a list");
        return null;
    }

    /// <summary>The objects of a list, each with its own path. Empty where the key is not there.</summary>
    public IReadOnlyList<ConfigObject> Objects(string key)
    {
        if (Tree(key) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
        {
            Fault(key, "expected a list of objects");
            return [];
        }

        return [.. list.EnumerateArray().Select((item, index) => new ConfigObject(item.EnumerateObject().ToDictionary(member => member.Name, member => member.Value), $"{PathOf(key)}[{index}]", faults, _ => isSecret(key)))];
    }

    public IReadOnlyList<string> Texts(string key)
    {
        if (Tree(key) is not { } list)
            return [];
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. list.EnumerateArray().Select(item => item.GetString()!)];
        Fault(key, "expected a list of texts");
        return [];
    }

    /// <summary>Blames the keys that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var key in members.Keys.Where(key => !_known.Contains(key)).Order(StringComparer.Ordinal))
            Fault(key, $"unknown key; the keys {(path.Length == 0 ? "of this stack" : "here")} are {string.Join(", ", _known)}. Remove it: pulumi config rm {(path.Length == 0 ? key : $"--path '{PathOf(key)}'")}");
    }

    private string Shown(string key, JsonElement value) => ConfigFaults.Shown(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), isSecret(key));

    // Null is how YAML says that a key has no value.
    private JsonElement? Find(string key)
    {
        _known.Add(key);
        return members.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
