using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>The documented bounds of chat parameters. A member that is absent or null has none.</summary>
internal static class ChatBounds
{
    private static readonly (string Name, double Least, double Most, bool Whole)[] Numbers =
    [
        ("temperature", 0, 2, false),
        ("top_p", 0, 1, false),
        ("frequency_penalty", -2, 2, false),
        ("presence_penalty", -2, 2, false),
        ("n", 1, int.MaxValue, true),
        ("max_tokens", 1, int.MaxValue, true),
        ("max_completion_tokens", 1, int.MaxValue, true),
    ];

    /// <summary>The first fault, or null. `messages` is required; its content is the provider's to judge.</summary>
    public static OpenAiError? Check(JsonElement root)
    {
        if (!root.TryGetProperty("messages", out var messages))
        {
            return OpenAiError.Invalid("missing_required_parameter", "messages is required: an array of {role, content}.", "messages");
        }

        if (messages.ValueKind is not JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            return OpenAiError.Invalid("invalid_type", "messages must be an array of at least one {role, content}.", "messages");
        }

        foreach (var (name, least, most, whole) in Numbers)
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null && !Holds(value, least, most, whole))
            {
                var kind = whole ? "a whole number of at least 1" : $"a number from {least} to {most}";
                return OpenAiError.Invalid("invalid_value", $"{name} must be {kind}.", name);
            }
        }

        return null;
    }

    private static bool Holds(JsonElement value, double least, double most, bool whole) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most
        && (!whole || double.IsInteger(number));
}
