namespace GatewayOps.Emulator.Management;

/// <summary>Parameters of a list beside its page. A value that is none of those expected becomes an error whose path names it.</summary>
public static class ListQuery
{
    /// <summary>Texts by their code points, as the real service's database orders them; missing values first.</summary>
    public static readonly IComparer<IComparable?> Order = Comparer<IComparable?>.Create((left, right) =>
        left is string text && right is string other ? string.CompareOrdinal(text, other) : Comparer<IComparable?>.Default.Compare(left, right));

    /// <summary>`true` or `false`; null when it is not given.</summary>
    public static bool? Flag(IQueryCollection query, string name, List<ApiError> errors)
    {
        switch (query[name].ToString())
        {
            case "":
                return null;
            case "true" or "1":
                return true;
            case "false" or "0":
                return false;
            default:
                errors.Add(ApiError.Invalid(FieldPath.Query[name], "Expected boolean, received string"));
                return null;
        }
    }

    /// <summary>One of the values, or `absent` when it is not given.</summary>
    public static string Choice(IQueryCollection query, string name, string absent, string[] values, List<ApiError> errors)
    {
        var given = query[name].ToString();
        if (given.Length == 0)
            return absent;
        if (!values.Contains(given))
            errors.Add(ApiError.Invalid(FieldPath.Query[name], $"Invalid enum value. Expected {string.Join(" | ", values.Select(value => $"'{value}'"))}, received '{given}'"));
        return given;
    }

    /// <summary>True when one of the texts contains the parameter's value, whatever its case, or the parameter is not given.</summary>
    public static bool Contains(IQueryCollection query, string name, params string[] texts) =>
        query[name].ToString() is var part && texts.Any(text => text.Contains(part, StringComparison.OrdinalIgnoreCase));
}
