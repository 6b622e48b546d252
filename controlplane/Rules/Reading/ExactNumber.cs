using System.Numerics;

namespace GatewayOps.Rules.Reading;

/// <summary>
/// A JSON number without loss: sign, digits without leading or trailing zeros, and a power of ten. `1`, `1.0` and `10e-1` are one number, `-0` is 0.
/// Nothing is rounded to a double, so numbers that differ anywhere stay different.
/// </summary>
internal readonly record struct ExactNumber(bool IsNegative, string Digits, BigInteger Exponent)
{
    public bool IsWhole => Exponent.Sign >= 0;

    /// <summary>Takes what the JSON grammar allows; the text was accepted by the JSON reader before.</summary>
    public static ExactNumber Parse(string json)
    {
        var mantissa = json;
        var exponent = BigInteger.Zero;
        if (json.IndexOfAny(['e', 'E']) is var e and >= 0)
        {
            mantissa = json[..e];
            exponent = BigInteger.Parse(json[(e + 1)..].TrimStart('+'));
        }

        var negative = mantissa.StartsWith('-');
        mantissa = mantissa.TrimStart('-');
        if (mantissa.IndexOf('.', StringComparison.Ordinal) is var point and >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }

        var digits = mantissa.TrimStart('0');
        if (digits.Length == 0)
            return new ExactNumber(false, "0", BigInteger.Zero);
        var significant = digits.TrimEnd('0');
        return new ExactNumber(negative, significant, exponent + digits.Length - significant.Length);
    }

    public bool TryGetInt64(out long value)
    {
        value = 0;
        return IsWhole && Digits.Length + Exponent <= 19 && long.TryParse((IsNegative ? "-" : "") + Digits + new string('0', (int)Exponent), out value);
    }

    /// <summary>Exact, whatever the size of the exponent.</summary>
    public int CompareTo(long other)
    {
        var sign = Digits == "0" ? 0 : IsNegative ? -1 : 1;
        if (sign != Math.Sign(other) || sign == 0)
            return sign.CompareTo(Math.Sign(other));

        // Digits before the decimal point; with more than a long has the number is beyond it, with none it is a fraction.
        var whole = Digits.Length + Exponent;
        if (whole > 19 || whole <= 0)
            return whole > 19 ? sign : -sign;
        var (left, right) = (BigInteger.Parse(Digits), BigInteger.Abs(other));
        if (Exponent.Sign >= 0)
            left *= BigInteger.Pow(10, (int)Exponent);
        else
            right *= BigInteger.Pow(10, (int)-Exponent);
        return sign * left.CompareTo(right);
    }

    /// <summary>The canonical text, itself a JSON number: `36e2`.</summary>
    public override string ToString() => $"{(IsNegative ? "-" : "")}{Digits}{(Exponent.IsZero ? "" : $"e{Exponent}")}";
}
