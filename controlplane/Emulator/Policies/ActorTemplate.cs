using System.Text;
using GatewayOps.Emulator.Cel;

namespace GatewayOps.Emulator.Policies;

/// <summary>Who shares a budget: a text with members of the identity in braces, `user:{cf.user.id}` (contract 7).</summary>
public sealed class ActorTemplate
{
    private readonly IReadOnlyList<(string? Text, CelExpression? Member)> _parts;

    private ActorTemplate(IReadOnlyList<(string? Text, CelExpression? Member)> parts) => _parts = parts;

    /// <summary>The position of an error counts from the start of the whole text.</summary>
    public static (ActorTemplate? Actor, CelError? Error) Parse(string text)
    {
        var parts = new List<(string? Text, CelExpression? Member)>();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            if (open < 0)
            {
                parts.Add((text[at..], null));
                break;
            }
            if (open > at)
                parts.Add((text[at..open], null));
            var close = text.IndexOf('}', open);
            if (close < 0)
                return (null, new CelError(open + 1, "the brace has no end"));
            var (member, error) = CelExpression.Parse(text[(open + 1)..close], PolicySubject.Roots);
            if (member is null)
                return (null, error! with { Position = error.Position + open + 1 });
            parts.Add((null, member));
            at = close + 1;
        }
        return (new ActorTemplate(parts), null);
    }

    /// <summary>Null when a member is missing, or is no text, number or flag: the policy is not for this request then.</summary>
    public string? Resolve(PolicySubject subject)
    {
        var actor = new StringBuilder();
        foreach (var (text, member) in _parts)
        {
            var value = text ?? member!.Evaluate(subject.Scope) switch
            {
                { Kind: CelKind.Text, Content: string content } => content,
                { Content: decimal number } => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
                { Content: bool flag } => flag ? "true" : "false",
                _ => null,
            };
            if (value is null)
                return null;
            actor.Append(value);
        }
        return actor.ToString();
    }
}
