using System.Globalization;

namespace GatewayOps.Infra.Spec;

/// <summary>Typed access to flat configuration that remembers which keys were asked for and what was wrong with them.</summary>
internal sealed class ConfigKeys(IReadOnlyDictionary<string, string> config)
{
    private readonly List<SpecError> _errors = [];
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<SpecError> Errors => _errors;

    public bool IsFaulty(string key) => _errors.Any(error => error.Path == key);

    public IEnumerable<SpecError> Unknown() => config.Keys.Where(key => !_known.Contains(key)).Order(StringComparer.Ordinal)
        .Select(key => new SpecError(key, $"unknown key; the keys of this stack are {string.Join(", ", _known)}. Remove it: pulumi config rm {key}"));

    public string RequiredText(string key, string what)
    {
        var value = Text(key, "");
        if (value.Length == 0)
            _errors.Add(new SpecError(key, $"missing: set it to {what}: pulumi config set {key} <value>"));
        return value;
    }

    public string Text(string key, string otherwise) => Find(key) ?? otherwise;

    public bool Flag(string key, bool otherwise)
    {
        switch (Find(key))
        {
            case null:
                return otherwise;
            case "true":
                return true;
            case "false":
                return false;
            case var other:
                _errors.Add(new SpecError(key, $"expected true or false, found \"{other}\""));
                return otherwise;
        }
    }

    public int Integer(string key, int otherwise)
    {
        if (Find(key) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return value;
        _errors.Add(new SpecError(key, $"expected a whole number, found \"{text}\""));
        return otherwise;
    }

    private string? Find(string key)
    {
        _known.Add(key);
        return config.TryGetValue(key, out var value) ? value : null;
    }
}
