using System.Globalization;
using GatewayOps.Emulator.Analytics.GraphQl;

namespace GatewayOps.Emulator.Analytics;

/// <summary>A dataset's `filter`: which facts it lets through, and which time range it spans.</summary>
/// <param name="From">No fact before this one can pass; null: unbounded.</param>
public sealed record Condition(Func<Fact, bool> Passes, DateTimeOffset? From, DateTimeOffset? Until)
{
    public static Condition Everything { get; } = new(_ => true, null, null);

    private delegate bool Comparison(object actual, object? wanted);

    private static readonly Dictionary<string, Comparison> Operators = new(StringComparer.Ordinal)
    {
        [""] = (actual, wanted) => Compare(actual, wanted) == 0,
        ["neq"] = (actual, wanted) => Compare(actual, wanted) != 0,
        ["gt"] = (actual, wanted) => Compare(actual, wanted) > 0,
        ["lt"] = (actual, wanted) => Compare(actual, wanted) < 0,
        ["geq"] = (actual, wanted) => Compare(actual, wanted) >= 0,
        ["leq"] = (actual, wanted) => Compare(actual, wanted) <= 0,
        ["in"] = (actual, wanted) => Items(wanted).Any(item => Compare(actual, item) == 0),
        ["notin"] = (actual, wanted) => !Items(wanted).Any(item => Compare(actual, item) == 0),
        ["like"] = (actual, wanted) => IsLike((string)actual, (string)wanted!),
        ["notlike"] = (actual, wanted) => !IsLike((string)actual, (string)wanted!),
        ["has"] = (actual, wanted) => ((IReadOnlyList<string>)actual).Contains((string)wanted!, StringComparer.Ordinal),
        ["hasall"] = (actual, wanted) => Items(wanted).All(item => ((IReadOnlyList<string>)actual).Contains((string)item!, StringComparer.Ordinal)),
        ["hasany"] = (actual, wanted) => Items(wanted).Any(item => ((IReadOnlyList<string>)actual).Contains((string)item!, StringComparer.Ordinal)),
    };

    /// <summary>The operators of a type, without their underscore; "" is equality.</summary>
    public static IReadOnlyList<string> OperatorsOf(Scalar type) => type switch
    {
        Scalar.Strings => ["has", "hasall", "hasany"],
        Scalar.String => ["", "neq", "gt", "lt", "geq", "leq", "in", "notin", "like", "notlike"],
        _ => ["", "neq", "gt", "lt", "geq", "leq", "in", "notin"],
    };

    /// <exception cref="QueryException">An unknown member, or a value of another type.</exception>
    public static Condition Read(Dataset dataset, object? filter) => filter switch
    {
        null => Everything,
        Dictionary<string, object?> members => members.Aggregate(Everything, (all, member) => Both(all, Member(dataset, member.Key, member.Value))),
        _ => throw Bad(dataset, "filter must be an object"),
    };

    private static Condition Member(Dataset dataset, string name, object? value)
    {
        if (name is "AND" or "OR")
        {
            Condition[] parts = value is List<object?> list ? [.. list.Select(part => Read(dataset, part))] : [Read(dataset, value)];
            return name == "AND" ? parts.Aggregate(Everything, Both) : new Condition(fact => Array.Exists(parts, part => part.Passes(fact)), null, null);
        }
        var (field, operation) = name.LastIndexOf('_') is > 0 and var at ? (name[..at], name[(at + 1)..]) : (name, "");
        if (dataset.FindDimension(field) is not { } dimension || !OperatorsOf(dimension.Type).Contains(operation))
            throw Bad(dataset, $"unknown arg {name}");
        var wanted = operation is "in" or "notin" or "hasall" or "hasany"
            ? value is List<object?> items ? items.Select(item => Typed(dataset, dimension, name, item)).ToList() : throw Bad(dataset, $"{name} must be a list")
            : Typed(dataset, dimension, name, value);
        var compare = Operators[operation];
        return new Condition(fact => compare(dimension.Read(fact), wanted), Earliest(dimension, operation, wanted), Latest(dimension, operation, wanted));
    }

    private static Condition Both(Condition one, Condition other) => new(
        ReferenceEquals(one, Everything) ? other.Passes : fact => one.Passes(fact) && other.Passes(fact),
        Later(one.From, other.From),
        Earlier(one.Until, other.Until));

    private static object Typed(Dataset dataset, Dimension dimension, string name, object? value) => (dimension.Type, value) switch
    {
        (Scalar.String or Scalar.Strings, string text) => text,
        (Scalar.Number, decimal number) => number,
        (Scalar.Number, bool flag) => flag ? decimal.One : decimal.Zero,
        (Scalar.Time or Scalar.Date, string text) when DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) => time,
        _ => throw Bad(dataset, $"{name} must be a {TypeName(dimension.Type)}"),
    };

    private static string TypeName(Scalar type) => type switch { Scalar.Number => "number", Scalar.Time => "Time (RFC 3339)", Scalar.Date => "Date (YYYY-MM-DD)", _ => "string" };

    // A truncated time that is at least T belongs to a fact that is at least T; one that is at most T, to a fact within the unit that T begins.
    private static DateTimeOffset? Earliest(Dimension dimension, string operation, object wanted) =>
        dimension.Type is Scalar.Time or Scalar.Date && operation is "" or "gt" or "geq" && wanted is DateTimeOffset time ? time : null;

    private static DateTimeOffset? Latest(Dimension dimension, string operation, object wanted) =>
        dimension.Type is Scalar.Time or Scalar.Date && operation is "" or "lt" or "leq" && wanted is DateTimeOffset time ? time + dimension.Unit : null;

    private static int Compare(object actual, object? wanted) => actual is string text ? string.CompareOrdinal(text, (string)wanted!) : ((IComparable)actual).CompareTo(wanted);

    private static List<object?> Items(object? wanted) => (List<object?>)wanted!;

    // % stands for anything, as in SQL.
    private static bool IsLike(string actual, string pattern)
    {
        var parts = pattern.Split('%');
        if (parts.Length == 1)
            return actual == pattern;
        if (!actual.StartsWith(parts[0], StringComparison.Ordinal) || !actual.EndsWith(parts[^1], StringComparison.Ordinal) || actual.Length < parts[0].Length + parts[^1].Length)
            return false;
        var (at, end) = (parts[0].Length, actual.Length - parts[^1].Length);
        foreach (var part in parts[1..^1])
        {
            var found = actual.IndexOf(part, at, end - at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + part.Length;
        }
        return true;
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other ?? one : one;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;

    private static QueryException Bad(Dataset dataset, string what) => new($"error parsing args for \"{dataset.Name}\": {what}", path: ["viewer", "accounts", "0", dataset.Name]);
}
