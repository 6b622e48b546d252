using System.Globalization;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>Numbers as Prometheus reads them: the shortest text that gives the same double again.</summary>
public static class NumberText
{
    // Beyond this a double no longer holds every whole number.
    private const double WholeLimit = 1e15;

    /// <summary>A sample's value: whole numbers without exponent.</summary>
    public static string Value(double value) =>
        double.IsInteger(value) && Math.Abs(value) < WholeLimit ? ((long)value).ToString(CultureInfo.InvariantCulture) : General(value);

    /// <summary>The canonical form that OpenMetrics asks for in `le`: Go's %g, with `.0` where neither point nor exponent is.</summary>
    public static string Canonical(double value)
    {
        var text = General(value);
        return text.AsSpan().IndexOfAny('.', 'e', 'f') >= 0 ? text : text + ".0";
    }

    /// <summary>Go's %g with shortest digits: below 1e-4 and from 1e6 on with an exponent of at least two digits.</summary>
    private static string General(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return "0";

        // "R" has the shortest digits, but a form of its own: take the digits.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var magnitude = (point < 0 ? mantissa.Length : point) + exponent - 1;
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits[leading..].TrimEnd('0');
        magnitude -= leading;

        var sign = value < 0 ? "-" : "";
        if (magnitude is < -4 or >= 6)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(magnitude < 0 ? '-' : '+')}{Math.Abs(magnitude):00}";
        if (magnitude < 0) return $"{sign}0.{new string('0', -magnitude - 1)}{digits}";
        return digits.Length <= magnitude + 1
            ? sign + digits.PadRight(magnitude + 1, '0')
            : $"{sign}{digits[..(magnitude + 1)]}.{digits[(magnitude + 1)..]}";
    }
}
