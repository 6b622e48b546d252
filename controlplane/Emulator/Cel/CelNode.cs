namespace GatewayOps.Emulator.Cel;

/// <summary>A part of an expression that has a value in a scope.</summary>
internal abstract record CelNode
{
    public abstract CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope);

    protected static CelValue NoOverload(string what) => CelValue.Error($"no such overload: {what}");
}

internal sealed record CelLiteral(CelValue Value) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => Value;
}

internal sealed record CelVariable(string Name) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) =>
        scope.TryGetValue(Name, out var value) ? value : CelValue.Error($"no value for '{Name}'");
}

internal sealed record CelList(IReadOnlyList<CelNode> Items) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope)
    {
        CelValue[] values = [.. Items.Select(item => item.Evaluate(scope))];
        var failed = Array.FindIndex(values, value => value.Kind == CelKind.Error);
        return failed < 0 ? CelValue.Of(values) : values[failed];
    }
}

internal sealed record CelSelect(CelNode Of, string Name) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => Of.Evaluate(scope) switch
    {
        { Kind: CelKind.Error } error => error,
        { Content: IReadOnlyDictionary<string, CelValue> map } => map.TryGetValue(Name, out var value) ? value : CelValue.Error($"no such key: {Name}"),
        _ => NoOverload($".{Name}"),
    };
}

/// <summary>`has(a.b)`: whether a has b; what is missing further left is an error, as in CEL, and so is a value that has no members.</summary>
internal sealed record CelHas(CelSelect Member) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => Member.Of.Evaluate(scope) switch
    {
        { Kind: CelKind.Error } error => error,
        { Content: IReadOnlyDictionary<string, CelValue> map } => CelValue.Of(map.ContainsKey(Member.Name)),
        _ => NoOverload("has()"),
    };
}

internal sealed record CelIndex(CelNode Of, CelNode Key) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => (Of.Evaluate(scope), Key.Evaluate(scope)) switch
    {
        ({ Kind: CelKind.Error } error, _) => error,
        (_, { Kind: CelKind.Error } error) => error,
        ({ Content: IReadOnlyDictionary<string, CelValue> map }, { Content: string key }) => map.TryGetValue(key, out var value) ? value : CelValue.Error($"no such key: {key}"),
        ({ Content: IReadOnlyList<CelValue> list }, { Content: decimal at }) =>
            decimal.IsInteger(at) && at >= 0 && at < list.Count ? list[(int)at] : CelValue.Error($"index out of range: {at}"),
        _ => NoOverload("[]"),
    };
}

internal sealed record CelNot(CelNode Of) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => Of.Evaluate(scope) switch
    {
        { Kind: CelKind.Error } error => error,
        { Content: bool value } => CelValue.Of(!value),
        _ => NoOverload("!"),
    };
}

internal sealed record CelNegation(CelNode Of) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => Of.Evaluate(scope) switch
    {
        { Kind: CelKind.Error } error => error,
        { Content: decimal value } => CelValue.Of(-value),
        _ => NoOverload("-"),
    };
}

/// <summary>`||` and `&amp;&amp;`: one side that decides is enough, whatever becomes of the other.</summary>
/// <param name="Decides">True for `||`, false for `&amp;&amp;`.</param>
internal sealed record CelLogic(CelNode Left, CelNode Right, bool Decides) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope)
    {
        var left = Left.Evaluate(scope);
        if (left.Content is bool first && first == Decides)
            return left;
        var right = Right.Evaluate(scope);
        if (right.Content is bool second && (second == Decides || left.Content is bool))
            return right;
        return left.Kind == CelKind.Error ? left : right.Kind == CelKind.Error ? right : NoOverload(Decides ? "||" : "&&");
    }
}

internal sealed record CelComparison(string Sign, CelNode Left, CelNode Right) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope)
    {
        var (left, right) = (Left.Evaluate(scope), Right.Evaluate(scope));
        if (left.Kind == CelKind.Error)
            return left;
        if (right.Kind == CelKind.Error)
            return right;
        if (Sign is "==" or "!=")
            return CelValue.Of(CelValue.Same(left, right) == (Sign == "=="));
        int? order = (left.Content, right.Content) switch
        {
            (decimal a, decimal b) => a.CompareTo(b),
            (string a, string b) => string.CompareOrdinal(a, b),
            (bool a, bool b) => a.CompareTo(b),
            _ => null,
        };
        return order switch
        {
            null => NoOverload(Sign),
            { } sign => CelValue.Of(Sign switch { "<" => sign < 0, "<=" => sign <= 0, ">" => sign > 0, _ => sign >= 0 }),
        };
    }
}

/// <summary>`x in list` and `key in map`.</summary>
internal sealed record CelMembership(CelNode Item, CelNode Of) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => (Item.Evaluate(scope), Of.Evaluate(scope)) switch
    {
        ({ Kind: CelKind.Error } error, _) => error,
        (_, { Kind: CelKind.Error } error) => error,
        (var item, { Content: IReadOnlyList<CelValue> list }) => CelValue.Of(list.Any(other => CelValue.Same(item, other))),
        ({ Content: string key }, { Content: IReadOnlyDictionary<string, CelValue> map }) => CelValue.Of(map.ContainsKey(key)),
        _ => NoOverload("in"),
    };
}

internal sealed record CelCall(CelFunction Function, IReadOnlyList<CelNode> Arguments) : CelNode
{
    public override CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope)
    {
        CelValue[] values = [.. Arguments.Select(argument => argument.Evaluate(scope))];
        var failed = Array.FindIndex(values, value => value.Kind == CelKind.Error);
        return failed < 0 ? Function.Call(values) : values[failed];
    }
}
