using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Cel;

/// <summary>The functions of the subset: startsWith, endsWith, contains, matches and size.</summary>
internal sealed record CelFunction(string Name, int Arguments, bool NeedsReceiver, Func<CelValue[], CelValue> Call)
{
    private static readonly CelFunction[] All =
    [
        Texts("startsWith", (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        Texts("endsWith", (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        Texts("contains", (text, part) => text.Contains(part, StringComparison.Ordinal)),
        new("matches", 2, NeedsReceiver: false, values => values is [{ Content: string text }, { Content: string pattern }] ? Matches(text, pattern) : NoOverload("matches")),
        new("size", 1, NeedsReceiver: false, values => values[0].Content switch
        {
            string text => CelValue.Of(text.EnumerateRunes().Count()),
            IReadOnlyList<CelValue> list => CelValue.Of(list.Count),
            IReadOnlyDictionary<string, CelValue> map => CelValue.Of(map.Count),
            _ => NoOverload("size"),
        }),
    ];

    /// <param name="count">With the receiver.</param>
    public static CelFunction? Find(string name, bool onReceiver, int count) =>
        Array.Find(All, function => function.Name == name && function.Arguments == count && (onReceiver || !function.NeedsReceiver));

    /// <summary>What can be seen to be wrong without a value: a pattern that is none.</summary>
    public string? Refuse(IReadOnlyList<CelNode> arguments) =>
        Name == "matches" && arguments[1] is CelLiteral { Value.Content: string pattern } && Compile(pattern) is null ? $"'{pattern}' is no regular expression" : null;

    private static CelFunction Texts(string name, Func<string, string, bool> holds) => new(
        name, 2, NeedsReceiver: true, values => values is [{ Content: string text }, { Content: string part }] ? CelValue.Of(holds(text, part)) : NoOverload(name));

    private static CelValue Matches(string text, string pattern) =>
        Compile(pattern) is { } regex ? CelValue.Of(regex.IsMatch(text)) : CelValue.Error($"'{pattern}' is no regular expression");

    /// <summary>CEL's patterns are RE2's: no look-around, no back references, time linear in the text. So are .NET's that do not backtrack.</summary>
    private static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static CelValue NoOverload(string name) => CelValue.Error($"no such overload: {name}");
}
