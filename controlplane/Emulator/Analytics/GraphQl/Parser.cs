using System.Globalization;

namespace GatewayOps.Emulator.Analytics.GraphQl;

/// <summary>Tokens to a <see cref="QueryDocument"/> (spec.graphql.org, section 2). Nesting is bounded: a query is input.</summary>
public sealed class Parser
{
    public const int MostDepth = 32;

    private readonly Lexer _lexer;
    private Token _token;
    private int _depth;

    private Parser(string source)
    {
        _lexer = new Lexer(source);
        _token = _lexer.Next();
    }

    /// <exception cref="QueryException">The text is no query document; the message says where.</exception>
    public static QueryDocument Parse(string source) => new Parser(source).Document();

    private QueryDocument Document()
    {
        var operations = new List<QueryOperation>();
        var fragments = new Dictionary<string, IReadOnlyList<Selection>>(StringComparer.Ordinal);
        while (_token.Kind != TokenKind.End)
        {
            if (Is("{"))
                operations.Add(new QueryOperation(Name: null, [], Selections()));
            else if (TrySkipName("query"))
                operations.Add(Operation());
            else if (TrySkipName("fragment"))
            {
                var name = Name();
                SkipName("on");
                Name();
                _ = Directives();
                fragments[name] = Selections();
            }
            else if (_token is { Kind: TokenKind.Name, Text: "mutation" or "subscription" })
                throw new QueryException($"{_token.Text}s are not supported");
            else
                throw Unexpected();
        }
        return operations.Count > 0 ? new QueryDocument(operations, fragments) : throw new QueryException("error parsing query: there is no operation");
    }

    private QueryOperation Operation()
    {
        var name = _token.Kind == TokenKind.Name ? Name() : null;
        var variables = new List<VariableDefinition>();
        if (TrySkip("("))
            while (!TrySkip(")"))
            {
                Skip("$");
                var variable = Name();
                Skip(":");
                var required = Type();
                variables.Add(new VariableDefinition(variable, required, TrySkip("=") ? Value() : null));
                _ = Directives();
            }
        _ = Directives();
        return new QueryOperation(name, variables, Selections());
    }

    /// <summary>True when the type ends in `!`. Types are not compared: values are checked where they are used.</summary>
    private bool Type()
    {
        using var level = Deeper();
        if (TrySkip("["))
        {
            Type();
            Skip("]");
        }
        else
            Name();
        return TrySkip("!");
    }

    private List<Selection> Selections()
    {
        using var level = Deeper();
        var selections = new List<Selection>();
        Skip("{");
        while (!TrySkip("}"))
            selections.Add(TrySkip("...") ? Fragment() : Field());
        return selections.Count > 0 ? selections : throw new QueryException("error parsing query: a selection is empty");
    }

    private Selection Fragment()
    {
        if (_token is { Kind: TokenKind.Name, Text: not "on" })
            return new FragmentSpread(Name(), Directives());
        if (TrySkipName("on"))
            Name();
        var directives = Directives();
        return new InlineFragment(Selections(), directives);
    }

    private FieldSelection Field()
    {
        var name = Name();
        string? alias = null;
        if (TrySkip(":"))
            (alias, name) = (name, Name());
        var arguments = Arguments();
        var directives = Directives();
        return new FieldSelection(alias, name, arguments, directives, Is("{") ? Selections() : []);
    }

    private Dictionary<string, InputValue> Arguments() => TrySkip("(") ? Members(")") : [];

    private Dictionary<string, InputValue> Members(string end)
    {
        var members = new Dictionary<string, InputValue>(StringComparer.Ordinal);
        while (!TrySkip(end))
        {
            var name = Name();
            Skip(":");
            if (!members.TryAdd(name, Value()))
                throw new QueryException($"error parsing query: {name} is given twice");
        }
        return members;
    }

    private List<Directive> Directives()
    {
        var directives = new List<Directive>();
        while (TrySkip("@"))
            directives.Add(new Directive(Name(), Arguments()));
        return directives;
    }

    private InputValue Value()
    {
        using var level = Deeper();
        if (TrySkip("$"))
            return new VariableInput(Name());
        if (TrySkip("{"))
            return new ObjectInput(Members("}"));
        if (TrySkip("["))
        {
            var items = new List<InputValue>();
            while (!TrySkip("]"))
                items.Add(Value());
            return new ListInput(items);
        }
        object? literal = _token switch
        {
            { Kind: TokenKind.Text } => _token.Text,
            { Kind: TokenKind.Number } => decimal.Parse(_token.Text, NumberStyles.Float, CultureInfo.InvariantCulture),
            { Kind: TokenKind.Name, Text: "null" } => null,
            { Kind: TokenKind.Name, Text: "true" } => true,
            { Kind: TokenKind.Name, Text: "false" } => false,
            { Kind: TokenKind.Name } => _token.Text,
            _ => throw Unexpected(),
        };
        _token = _lexer.Next();
        return new LiteralInput(literal);
    }

    private Level Deeper() => ++_depth <= MostDepth ? new Level(this) : throw new QueryException($"error parsing query: it is nested more than {MostDepth} deep");

    private bool Is(string punctuator) => _token.Kind == TokenKind.Punctuator && _token.Text == punctuator;

    private bool TrySkip(string punctuator)
    {
        if (!Is(punctuator))
            return false;
        _token = _lexer.Next();
        return true;
    }

    private void Skip(string punctuator)
    {
        if (!TrySkip(punctuator))
            throw Unexpected($"expected '{punctuator}', found");
    }

    private bool TrySkipName(string name)
    {
        if (_token.Kind != TokenKind.Name || _token.Text != name)
            return false;
        _token = _lexer.Next();
        return true;
    }

    private void SkipName(string name)
    {
        if (!TrySkipName(name))
            throw Unexpected($"expected '{name}', found");
    }

    private string Name()
    {
        if (_token.Kind != TokenKind.Name)
            throw Unexpected("expected a name, found");
        var name = _token.Text;
        _token = _lexer.Next();
        return name;
    }

    private QueryException Unexpected(string what = "unexpected") =>
        new($"error parsing query: {what} {(_token.Kind == TokenKind.End ? "the end" : $"'{_token.Text}'")} at line {_token.Line}, column {_token.Column}");

    private readonly struct Level(Parser parser) : IDisposable
    {
        public void Dispose() => parser._depth--;
    }
}
