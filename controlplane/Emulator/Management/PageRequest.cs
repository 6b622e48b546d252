using System.Globalization;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Management;

/// <summary>`page` from 1 and `per_page` of a list.</summary>
public sealed record PageRequest(int Page, int PerPage)
{
    private const int DefaultPerPage = 20;

    /// <summary>Reads both; a value that is no number or out of range becomes an error whose path names it (contract section 18.6).</summary>
    public static PageRequest Read(HttpContext context, int minimum, int maximum, List<ApiError> errors)
    {
        var query = context.Request.Query;
        var clamps = context.RequestServices.GetRequiredService<EmulatorOptions>().Assumptions.PagesAreClamped;
        return new(Number(query, "page", 1, 1, int.MaxValue, clamps, errors), Number(query, "per_page", DefaultPerPage, minimum, maximum, clamps, errors));
    }

    /// <summary>Items before the page.</summary>
    public long Skipped => (long)(Page - 1) * PerPage;

    /// <summary>The page of a list in its envelope. `total_pages` is missing, as AI Gateway leaves it out.</summary>
    public IResult Answer<T>(IReadOnlyList<T> all, Func<T, JsonNode> render, JsonObject? more = null) => Answer(Of(all), all.Count, render, more);

    /// <summary>The same, where the page was cut elsewhere.</summary>
    public IResult Answer<T>(IEnumerable<T> onPage, long total, Func<T, JsonNode> render, JsonObject? more = null)
    {
        JsonNode[] items = [.. onPage.Select(render)];
        var info = new JsonObject { ["page"] = Page, ["per_page"] = PerPage, ["count"] = items.Length, ["total_count"] = total };
        foreach (var (name, value) in more ?? [])
            info[name] = value?.DeepClone();
        return Envelope.Result(new JsonArray(items), info);
    }

    /// <summary>What of a list is on the page; nothing beyond its end.</summary>
    public IEnumerable<T> Of<T>(IReadOnlyList<T> all) => Skipped < all.Count ? all.Skip((int)Skipped).Take(PerPage) : [];

    private static int Number(IQueryCollection query, string name, int absent, int minimum, int maximum, bool clamps, List<ApiError> errors)
    {
        if (!query.TryGetValue(name, out var text))
            return absent;
        var path = FieldPath.Query[name];
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsInteger(number))
            errors.Add(ApiError.Invalid(path, "Expected number, received nan"));
        else if (clamps)
            return (int)Math.Clamp(number, minimum, maximum);
        else if (number < minimum)
            errors.Add(ApiError.Invalid(path, $"Number must be greater than or equal to {minimum}"));
        else if (number > maximum)
            errors.Add(ApiError.Invalid(path, $"Number must be less than or equal to {maximum}"));
        else
            return (int)number;
        return absent;
    }
}
