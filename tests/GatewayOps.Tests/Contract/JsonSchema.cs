using System.Text.Json;

namespace GatewayOps.Tests.Contract;

/// <summary>What a value breaks, and where.</summary>
internal sealed record Violation(string Pointer, string What)
{
    public override string ToString() => $"{Pointer}: {What}";
}

/// <summary>Which way a value travels: a member may be for one way only (`readOnly`, `writeOnly`).</summary>
internal enum Traffic { Request, Response }

/// <summary>
/// One schema of the OpenAPI document, for the keywords that the document uses. <see cref="Read"/> refuses a keyword that it does not know:
/// a schema is never checked by half.
/// </summary>
internal sealed class JsonSchema
{
    // Say something to the reader of the document, nothing about values.
    private static readonly HashSet<string> Annotations = ["description", "default", "discriminator"];

    private readonly List<ValueCheck> _checks = [];
    private readonly List<JsonSchema> _allOf = [];
    private readonly List<JsonSchema> _anyOf = [];
    private readonly List<JsonSchema> _oneOf = [];
    private Func<JsonSchema>? _reference;
    private bool _never;

    private JsonSchema()
    {
    }

    /// <summary>Of a schema that has a name in the document: `Gateway`.</summary>
    public string? Name { get; private init; }

    public Dictionary<string, JsonSchema> Properties { get; } = [];

    public List<string> Required { get; } = [];

    /// <summary>The schema's `type`; empty where it names none.</summary>
    public List<string> Types { get; } = [];

    /// <summary>Of members that <see cref="Properties"/> does not name; null where the schema does not speak of them.</summary>
    public JsonSchema? AdditionalProperties { get; private set; }

    public JsonSchema? Items { get; private set; }

    public bool ReadOnly { get; private set; }

    public bool WriteOnly { get; private set; }

    /// <param name="resolve">The schema that a `$ref` names; asked when the first value is checked, since schemas refer to each other.</param>
    /// <exception cref="NotSupportedException">A keyword, type or format that this validator does not know.</exception>
    public static JsonSchema Read(JsonElement schema, Func<string, JsonSchema> resolve, string? name = null)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new JsonSchema { _never = schema.ValueKind == JsonValueKind.False };
        var read = new JsonSchema { Name = name };
        foreach (var keyword in schema.EnumerateObject())
            read.Take(keyword.Name, keyword.Value, resolve);
        return read;
    }

    /// <summary>Everything that is wrong with the value.</summary>
    public IEnumerable<Violation> Violations(JsonElement value, Traffic traffic, string pointer = "")
    {
        if (_never)
            return [new(pointer, "must not be here")];
        return
        [
            .. _checks.Select(check => check(value)).OfType<string>().Select(what => new Violation(pointer, what)),
            .. _reference?.Invoke().Violations(value, traffic, pointer) ?? [],
            .. _allOf.SelectMany(part => part.Violations(value, traffic, pointer)),
            .. Choice(value, traffic, pointer),
            .. Members(value, traffic, pointer),
            .. Items is null || value.ValueKind != JsonValueKind.Array ? [] : value.EnumerateArray().SelectMany((item, index) => Items.Violations(item, traffic, $"{pointer}/{index}")),
        ];
    }

    /// <summary>The schemas that speak of this value in place: this one, what it refers to, all of `allOf`, and the branches of `anyOf` and `oneOf` that fit.</summary>
    public IEnumerable<JsonSchema> Applying(JsonElement value, Traffic traffic) =>
    [
        this,
        .. _reference?.Invoke().Applying(value, traffic) ?? [],
        .. _allOf.SelectMany(part => part.Applying(value, traffic)),
        .. _anyOf.Concat(_oneOf).Where(branch => !branch.Violations(value, traffic).Any()).SelectMany(branch => branch.Applying(value, traffic)),
    ];

    /// <summary>The types that a value may have, whatever its branch; empty where any may.</summary>
    public IReadOnlyCollection<string> PossibleTypes()
    {
        if (Types.Count > 0 || _never)
            return Types;
        if (_anyOf.Concat(_oneOf).Select(branch => branch.PossibleTypes()).ToList() is { Count: > 0 } branches)
            return branches.Exists(types => types.Count == 0) ? [] : [.. branches.SelectMany(types => types).Distinct()];
        return _allOf.Append(_reference?.Invoke()).OfType<JsonSchema>().Select(part => part.PossibleTypes()).FirstOrDefault(types => types.Count > 0) ?? [];
    }

    /// <summary>The schemas of a member of this object: none means that the document does not know it.</summary>
    public static IEnumerable<JsonSchema> OfMember(IEnumerable<JsonSchema> applying, string name) =>
        applying.Select(schema => schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties).OfType<JsonSchema>();

    private void Take(string keyword, JsonElement value, Func<string, JsonSchema> resolve)
    {
        switch (keyword)
        {
            case "$ref":
                var reference = new Lazy<JsonSchema>(() => resolve(value.GetString()!));
                _reference = () => reference.Value;
                break;
            case "allOf":
                _allOf.AddRange(value.EnumerateArray().Select(part => Read(part, resolve)));
                break;
            case "anyOf":
                _anyOf.AddRange(value.EnumerateArray().Select(part => Read(part, resolve)));
                break;
            case "oneOf":
                _oneOf.AddRange(value.EnumerateArray().Select(part => Read(part, resolve)));
                break;
            case "properties":
                foreach (var property in value.EnumerateObject())
                    Properties.Add(property.Name, Read(property.Value, resolve));
                break;
            case "additionalProperties":
                AdditionalProperties = Read(value, resolve);
                break;
            case "items":
                Items = Read(value, resolve);
                break;
            case "required":
                Required.AddRange(value.EnumerateArray().Select(name => name.GetString()!));
                break;
            case "readOnly":
                ReadOnly = value.GetBoolean();
                break;
            case "writeOnly":
                WriteOnly = value.GetBoolean();
                break;
            case "type":
                Types.AddRange(value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(type => type.GetString()!) : [value.GetString()!]);
                _checks.Add(ValueChecks.Of(keyword, value));
                break;
            default:
                if (!Annotations.Contains(keyword))
                    _checks.Add(ValueChecks.Of(keyword, value));
                break;
        }
    }

    private IEnumerable<Violation> Choice(JsonElement value, Traffic traffic, string pointer)
    {
        if (_anyOf.Count > 0 && _anyOf.TrueForAll(branch => branch.Violations(value, traffic).Any()))
            yield return new(pointer, $"fits none of anyOf: {Why(_anyOf, value, traffic)}");
        if (_oneOf.Count == 0)
            yield break;
        var fitting = _oneOf.Count(branch => !branch.Violations(value, traffic).Any());
        if (fitting == 0)
            yield return new(pointer, $"fits none of oneOf: {Why(_oneOf, value, traffic)}");
        else if (fitting > 1)
            yield return new(pointer, $"fits {fitting} of oneOf");
    }

    private static string Why(List<JsonSchema> branches, JsonElement value, Traffic traffic) =>
        string.Join(" | ", branches.Select(branch => string.Join(", ", branch.Violations(value, traffic).Take(3))));

    private IEnumerable<Violation> Members(JsonElement value, Traffic traffic, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var name in Required.Where(name => !value.TryGetProperty(name, out _)))
            yield return new($"{pointer}/{name}", "required");
        foreach (var member in value.EnumerateObject())
        {
            if ((Properties.GetValueOrDefault(member.Name) ?? AdditionalProperties) is not { } schema)
                continue;
            var place = $"{pointer}/{member.Name}";
            if (traffic == Traffic.Response ? schema.WriteOnly : schema.ReadOnly)
                yield return new(place, traffic == Traffic.Response ? "is never given back" : "is set by Cloudflare alone");
            foreach (var violation in schema.Violations(member.Value, traffic, place))
                yield return violation;
        }
    }
}
