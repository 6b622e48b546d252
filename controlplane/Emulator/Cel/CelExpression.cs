namespace GatewayOps.Emulator.Cel;

/// <summary>
/// A subset of the Common Expression Language (github.com/google/cel-spec), enough for conditions on a caller: literals (numbers, texts with escapes, raw
/// texts, true, false, null, lists), members and indexes, `== != &lt; &lt;= &gt; &gt;= in`, `&amp;&amp; || !`, parentheses, has(), startsWith, endsWith, contains, matches, size.
/// No arithmetic, no ternary, no macros over lists, one kind of number. Immutable.
/// </summary>
public sealed class CelExpression
{
    /// <summary>Characters of the longest expression.</summary>
    public const int MostLength = 4096;

    private readonly CelNode _root;

    private CelExpression(string text, CelNode root) => (Text, _root) = (text, root);

    public string Text { get; }

    /// <param name="roots">The names that a scope will have.</param>
    public static (CelExpression? Expression, CelError? Error) Parse(string text, IReadOnlySet<string> roots)
    {
        if (text.Length > MostLength)
            return (null, new CelError(MostLength + 1, $"longer than {MostLength} characters"));
        try
        {
            return (new CelExpression(text, new CelParser(CelLexer.Read(text), roots).Whole()), null);
        }
        catch (CelSyntaxException wrong)
        {
            return (null, wrong.Error);
        }
    }

    /// <summary>Like <see cref="Parse"/>, for an expression that is a condition: one that can never be true or false is refused.</summary>
    public static (CelExpression? Expression, CelError? Error) ParseCondition(string text, IReadOnlySet<string> roots)
    {
        var (expression, error) = Parse(text, roots);
        return expression?._root is CelLiteral { Value.Kind: not CelKind.Bool } or CelList or CelNegation or CelCall { Function.Name: "size" }
            ? (null, new CelError(1, "a condition must be true or false"))
            : (expression, error);
    }

    public CelValue Evaluate(IReadOnlyDictionary<string, CelValue> scope) => _root.Evaluate(scope);

    /// <summary>Null when it cannot be said: a member is missing, or the value is no truth value.</summary>
    public bool? Holds(IReadOnlyDictionary<string, CelValue> scope) => Evaluate(scope).Content as bool?;
}
