using System.Globalization;

namespace GatewayOps.Emulator.Cel;

/// <summary>
/// Recursive descent over: or := and ('||' and)*; and := relation ('&amp;&amp;' relation)*; relation := unary (op unary)*; unary := ('!' | '-') unary | member;
/// member := primary ('.' name ['(' args ')'] | '[' or ']')*; primary := literal | name ['(' args ')'] | '(' or ')' | '[' args ']'.
/// </summary>
internal sealed class CelParser(List<CelToken> tokens, IReadOnlySet<string> roots)
{
    /// <summary>Deeper nesting is refused, so that no expression can exhaust the stack.</summary>
    private const int MostDepth = 50;

    private static readonly string[] Relations = ["==", "!=", "<", "<=", ">", ">="];

    private int _at;
    private int _depth;

    private CelToken Now => tokens[_at];

    /// <exception cref="CelSyntaxException" />
    public CelNode Whole()
    {
        var node = Or();
        return Now.Kind == CelTokenKind.End ? node : throw Unexpected("the end");
    }

    private CelNode Or()
    {
        if (++_depth > MostDepth)
            throw Wrong(Now, "nested too deeply");
        var node = And();
        while (Take("||"))
            node = new CelLogic(node, And(), Decides: true);
        _depth--;
        return node;
    }

    private CelNode And()
    {
        var node = Relation();
        while (Take("&&"))
            node = new CelLogic(node, Relation(), Decides: false);
        return node;
    }

    private CelNode Relation()
    {
        var node = Unary();
        while (true)
        {
            var now = Now;
            if (now is { Kind: CelTokenKind.Sign } && Relations.Contains(now.Text))
            {
                _at++;
                node = new CelComparison(now.Text, node, Unary());
            }
            else if (now is { Kind: CelTokenKind.Name, Text: "in" })
            {
                _at++;
                node = new CelMembership(node, Unary());
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Unary()
    {
        if (++_depth > MostDepth)
            throw Wrong(Now, "nested too deeply");
        var now = Now;
        CelNode node = Take("!") ? new CelNot(Unary()) : Take("-") ? new CelNegation(Unary()) : Member();
        _depth--;
        return node;
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            if (Take("."))
            {
                var name = Name();
                node = Take("(") ? Call(name, node) : new CelSelect(node, name.Text);
            }
            else if (Take("["))
            {
                node = new CelIndex(node, Or());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var now = Now;
        switch (now.Kind)
        {
            case CelTokenKind.Number:
                _at++;
                return new CelLiteral(CelValue.Of(decimal.Parse(now.Text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture)));
            case CelTokenKind.Text:
                _at++;
                return new CelLiteral(CelValue.Of(now.Text));
            case CelTokenKind.Name when now.Text != "in":
                _at++;
                return Take("(") ? Call(now, receiver: null) : NameOrWord(now);
            case CelTokenKind.Sign when Take("("):
                var inner = Or();
                Expect(")");
                return inner;
            case CelTokenKind.Sign when Take("["):
                return new CelList(Arguments("]"));
            default:
                throw Unexpected("a value");
        }
    }

    private CelNode NameOrWord(CelToken name) => name.Text switch
    {
        "true" => new CelLiteral(CelValue.True),
        "false" => new CelLiteral(CelValue.False),
        "null" => new CelLiteral(CelValue.Null),
        _ when roots.Contains(name.Text) => new CelVariable(name.Text),
        _ => throw Wrong(name, $"undeclared reference to '{name.Text}'; known are {string.Join(", ", roots.Order(StringComparer.Ordinal))}"),
    };

    private CelNode Call(CelToken name, CelNode? receiver)
    {
        var arguments = Arguments(")");
        if (name.Text == "has" && receiver is null)
            return arguments is [CelSelect select] ? new CelHas(select) : throw Wrong(name, "has() takes a member: has(metadata.team)");
        if (receiver is not null)
            arguments.Insert(0, receiver);
        if (CelFunction.Find(name.Text, receiver is not null, arguments.Count) is not { } function)
            throw Wrong(name, $"no function {name.Text} with {arguments.Count - (receiver is null ? 0 : 1)} argument(s)");
        if (function.Refuse(arguments) is { } refusal)
            throw Wrong(name, refusal);
        return new CelCall(function, arguments);
    }

    /// <summary>Behind the opening sign, up to and with the closing one.</summary>
    private List<CelNode> Arguments(string close)
    {
        var arguments = new List<CelNode>();
        if (Take(close))
            return arguments;
        do
            arguments.Add(Or());
        while (Take(","));
        Expect(close);
        return arguments;
    }

    private CelToken Name()
    {
        var now = Now;
        if (now.Kind != CelTokenKind.Name)
            throw Unexpected("a name");
        _at++;
        return now;
    }

    private bool Take(string sign)
    {
        if (Now.Kind != CelTokenKind.Sign || Now.Text != sign)
            return false;
        _at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Take(sign))
            throw Unexpected($"'{sign}'");
    }

    private CelSyntaxException Unexpected(string expected) =>
        Wrong(Now, Now.Kind == CelTokenKind.End ? $"expected {expected}, found the end" : $"expected {expected}, found '{Now.Text}'");

    private static CelSyntaxException Wrong(CelToken token, string message) => new(new CelError(token.Position, message));
}
