namespace GatewayOps.Emulator.Analytics.GraphQl;

/// <summary>A parsed query document (spec.graphql.org, October 2021, section 2): queries and fragments; mutations and subscriptions are refused.</summary>
public sealed record QueryDocument(IReadOnlyList<QueryOperation> Operations, IReadOnlyDictionary<string, IReadOnlyList<Selection>> Fragments);

public sealed record QueryOperation(string? Name, IReadOnlyList<VariableDefinition> Variables, IReadOnlyList<Selection> Selections);

/// <param name="IsRequired">The type ends in `!`.</param>
public sealed record VariableDefinition(string Name, bool IsRequired, InputValue? Default);

public abstract record Selection(IReadOnlyList<Directive> Directives);

public sealed record FieldSelection(string? Alias, string Name, IReadOnlyDictionary<string, InputValue> Arguments, IReadOnlyList<Directive> Directives, IReadOnlyList<Selection> Selections)
    : Selection(Directives)
{
    /// <summary>The member of the answer.</summary>
    public string Key => Alias ?? Name;
}

public sealed record FragmentSpread(string Name, IReadOnlyList<Directive> Directives) : Selection(Directives);

public sealed record InlineFragment(IReadOnlyList<Selection> Selections, IReadOnlyList<Directive> Directives) : Selection(Directives);

public sealed record Directive(string Name, IReadOnlyDictionary<string, InputValue> Arguments);

/// <summary>A value in a query: a literal, a variable, or a list or object of them.</summary>
public abstract record InputValue;

/// <summary>Null, bool, string (enum values too), decimal.</summary>
public sealed record LiteralInput(object? Value) : InputValue;

public sealed record VariableInput(string Name) : InputValue;

public sealed record ListInput(IReadOnlyList<InputValue> Items) : InputValue;

public sealed record ObjectInput(IReadOnlyDictionary<string, InputValue> Members) : InputValue;
