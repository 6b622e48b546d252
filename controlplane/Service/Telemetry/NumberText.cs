using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>Numbers as Prometheus reads them: the shortest text that gives the same double again.</summary>
public static class NumberText
{
    /// <summary>Bytes that any number fits in.</summary>
    public const int Longest = 40;

    // Beyond this a double no longer holds every whole number.
    private const double WholeLimit = 1e15;

    /// <summary>A sample's value: whole numbers without exponent.</summary>
    public static string Value(double value)
    {
        Span<byte> text = stackalloc byte[Longest];
        return Encoding.ASCII.GetString(text[..Value(value, text)]);
    }

    /// <summary>The same into `to`, of at least <see cref="Longest"/> bytes. Returns how many were written.</summary>
    public static int Value(double value, Span<byte> to)
    {
        if (!double.IsInteger(value) || Math.Abs(value) >= WholeLimit)
        {
            return General(value, to);
        }

        Utf8Formatter.TryFormat((long)value, to, out var written);
        return written;
    }

    /// <summary>The canonical form that OpenMetrics asks for in `le`: Go's %g, with `.0` where neither point nor exponent is.</summary>
    public static string Canonical(double value)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        var text = Encoding.ASCII.GetString(bytes[..General(value, bytes)]);
        return text.AsSpan().IndexOfAny('.', 'e', 'f') >= 0 ? text : text + ".0";
    }

    /// <summary>Go's %g with shortest digits: below 1e-4 and from 1e6 on with an exponent of at least two digits.</summary>
    private static int General(double value, Span<byte> to)
    {
        if (double.IsNaN(value)) return Put("NaN"u8, to);
        if (double.IsInfinity(value)) return Put(value > 0 ? "+Inf"u8 : "-Inf"u8, to);
        if (value == 0) return Put("0"u8, to);

        // "R" has the shortest digits, but a form of its own: take the digits.
        Span<byte> text = stackalloc byte[Longest];
        Math.Abs(value).TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[Longest];
        var (count, point, exponent) = (0, -1, 0);
        for (var i = 0; i < length; i++)
        {
            if (text[i] == 'E')
            {
                exponent = int.Parse(text[(i + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }

            if (text[i] == '.') point = count;
            else digits[count++] = text[i];
        }

        var magnitude = (point < 0 ? count : point) + exponent - 1;
        var leading = digits[..count].IndexOfAnyExcept((byte)'0');
        magnitude -= leading;
        var shown = digits[leading..count].TrimEnd((byte)'0');

        var at = 0;
        if (value < 0) to[at++] = (byte)'-';
        if (magnitude is < -4 or >= 6)
        {
            to[at++] = shown[0];
            if (shown.Length > 1)
            {
                to[at++] = (byte)'.';
                at += Put(shown[1..], to[at..]);
            }

            to[at++] = (byte)'e';
            to[at++] = (byte)(magnitude < 0 ? '-' : '+');
            var power = Math.Abs(magnitude);
            if (power < 10) to[at++] = (byte)'0';
            Utf8Formatter.TryFormat(power, to[at..], out var written);
            return at + written;
        }

        if (magnitude < 0)
        {
            at += Put("0."u8, to[at..]);
            at += Zeros(-magnitude - 1, to[at..]);
            return at + Put(shown, to[at..]);
        }

        if (shown.Length <= magnitude + 1)
        {
            at += Put(shown, to[at..]);
            return at + Zeros(magnitude + 1 - shown.Length, to[at..]);
        }

        at += Put(shown[..(magnitude + 1)], to[at..]);
        to[at++] = (byte)'.';
        return at + Put(shown[(magnitude + 1)..], to[at..]);
    }

    private static int Put(ReadOnlySpan<byte> text, Span<byte> to)
    {
        text.CopyTo(to);
        return text.Length;
    }

    private static int Zeros(int count, Span<byte> to)
    {
        to[..count].Fill((byte)'0');
        return count;
    }
}
