using System.Text.Json;

namespace GatewayOps.Emulator.Analytics.GraphQl;

/// <summary>One field to answer: fragments are spread, directives obeyed, variables put in.</summary>
/// <param name="Key">The member of the answer.</param>
/// <param name="Arguments">Values: null, bool, string, decimal, <see cref="List{T}"/> or <see cref="Dictionary{TKey, TValue}"/> of them.</param>
public sealed record BoundField(string Key, string Name, IReadOnlyDictionary<string, object?> Arguments, IReadOnlyList<BoundField> Fields);

/// <summary>From a document and its variables to the fields to answer.</summary>
public sealed class QueryBinder
{
    /// <summary>Selections of one query, after its fragments are spread: fragments that spread each other twice double them at every level.</summary>
    public const int MostSelections = 1000;

    private readonly QueryDocument _document;
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);
    private readonly Stack<string> _spreading = new();
    private int _selections;

    private QueryBinder(QueryDocument document) => _document = document;

    /// <param name="variables">A JSON object, null or undefined.</param>
    /// <exception cref="QueryException">No such operation, a missing variable, an unknown fragment or directive.</exception>
    public static IReadOnlyList<BoundField> Bind(QueryDocument document, string? operationName, JsonElement variables)
    {
        var operation = string.IsNullOrEmpty(operationName)
            ? document.Operations.Count == 1 ? document.Operations[0] : throw new QueryException("the document has several operations: operationName must choose one")
            : document.Operations.FirstOrDefault(one => one.Name == operationName) ?? throw new QueryException($"unknown operation \"{operationName}\"");
        var binder = new QueryBinder(document);
        binder.Read(operation.Variables, variables);
        return binder.Fields([operation.Selections]);
    }

    private void Read(IReadOnlyList<VariableDefinition> definitions, JsonElement given)
    {
        foreach (var definition in definitions)
        {
            if (given.ValueKind == JsonValueKind.Object && given.TryGetProperty(definition.Name, out var value))
                _variables[definition.Name] = Plain(value);
            else if (definition.Default is { } fallback)
                _variables[definition.Name] = Plain(fallback);
            else
                _variables[definition.Name] = null;
            if (definition.IsRequired && _variables[definition.Name] is null)
                throw new QueryException($"variable \"${definition.Name}\" is required");
        }
    }

    private List<BoundField> Fields(IEnumerable<IReadOnlyList<Selection>> sets)
    {
        // Fields of one key are one field: their selections add up (section 5.3.2).
        var byKey = new Dictionary<string, List<FieldSelection>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var field in sets.SelectMany(Spread))
        {
            if (!byKey.TryGetValue(field.Key, out var same))
            {
                byKey.Add(field.Key, same = []);
                order.Add(field.Key);
            }
            same.Add(field);
        }
        return [.. order.Select(key => Field(key, byKey[key]))];
    }

    private BoundField Field(string key, List<FieldSelection> same)
    {
        var first = same[0];
        if (same.Exists(other => other.Name != first.Name))
            throw new QueryException($"\"{key}\" stands for two different fields");
        return new BoundField(
            key, first.Name, first.Arguments.ToDictionary(argument => argument.Key, argument => Plain(argument.Value), StringComparer.Ordinal), Fields(same.Select(field => field.Selections)));
    }

    private IEnumerable<FieldSelection> Spread(IReadOnlyList<Selection> selections) => selections.Where(Wanted).SelectMany(selection => selection switch
    {
        FieldSelection field => [field],
        InlineFragment fragment => Spread(fragment.Selections),
        FragmentSpread spread => Spread(spread.Name),
        _ => [],
    });

    private List<FieldSelection> Spread(string fragment)
    {
        if (!_document.Fragments.TryGetValue(fragment, out var selections))
            throw new QueryException($"unknown fragment \"{fragment}\"");
        if (_spreading.Contains(fragment))
            throw new QueryException($"fragment \"{fragment}\" contains itself");
        _spreading.Push(fragment);
        var fields = Spread(selections).ToList();
        _spreading.Pop();
        return fields;
    }

    private bool Wanted(Selection selection)
    {
        // Counted before it is spread: what a fragment holds is made whole first.
        if (++_selections > MostSelections)
            throw new QueryException($"the query has more than {MostSelections} selections");
        return selection.Directives.All(directive => directive.Name switch
        {
            "include" => Condition(directive),
            "skip" => !Condition(directive),
            _ => throw new QueryException($"unknown directive \"@{directive.Name}\""),
        });
    }

    private bool Condition(Directive directive) =>
        directive.Arguments.TryGetValue("if", out var value) && Plain(value) is bool condition ? condition : throw new QueryException($"@{directive.Name} needs a boolean \"if\"");

    private object? Plain(InputValue value) => value switch
    {
        LiteralInput literal => literal.Value,
        VariableInput variable => _variables.TryGetValue(variable.Name, out var given) ? given : throw new QueryException($"variable \"${variable.Name}\" is not defined"),
        ListInput list => list.Items.Select(Plain).ToList(),
        ObjectInput members => members.Members.ToDictionary(member => member.Key, member => Plain(member.Value), StringComparer.Ordinal),
        _ => null,
    };

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? number : throw new QueryException("a number in the variables is out of range"),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => value.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.Object => value.EnumerateObject().GroupBy(member => member.Name).ToDictionary(member => member.Key, member => Plain(member.Last().Value), StringComparer.Ordinal),
        _ => null,
    };
}
