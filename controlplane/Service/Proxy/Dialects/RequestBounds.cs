using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>The documented bounds of a dialect's parameters. A member that is absent or null has none; what is not named here is the provider's to judge.</summary>
public sealed record RequestBounds
{
    public static RequestBounds Chat { get; } = new()
    {
        Required = [new("messages", "an array of at least one {role, content}", IsList)],
        Numbers =
        [
            new("temperature", 0, 2), new("top_p", 0, 1), new("frequency_penalty", -2, 2), new("presence_penalty", -2, 2),
            NumberBound.Count("n"), NumberBound.Count("max_tokens"), NumberBound.Count("max_completion_tokens"),
        ],
        Texts = ["stop"],
    };

    public static RequestBounds Completions { get; } = new()
    {
        Required = [new("prompt", "a text, or an array of texts or tokens", IsText)],
        Numbers =
        [
            new("temperature", 0, 2), new("top_p", 0, 1), new("frequency_penalty", -2, 2), new("presence_penalty", -2, 2),
            NumberBound.Count("n"), NumberBound.Count("best_of"), NumberBound.Count("max_tokens", least: 0), new("logprobs", 0, 5, Whole: true),
        ],
        Texts = ["stop"],
    };

    public static RequestBounds Embeddings { get; } = new()
    {
        Required = [Model, new("input", "a text, or an array of texts or tokens", IsText)],
        Numbers = [NumberBound.Count("dimensions")],
    };

    public static RequestBounds Responses { get; } = new()
    {
        Required = [Model],
        Numbers = [new("temperature", 0, 2), new("top_p", 0, 1), NumberBound.Count("max_output_tokens"), NumberBound.Count("max_tool_calls"), new("top_logprobs", 0, 20, Whole: true)],
    };

    public static RequestBounds Messages { get; } = new()
    {
        Required = [Model, new("messages", "an array of at least one {role, content}", IsList), new("max_tokens", "a whole number of at least 1", NumberBound.Count("max_tokens").Holds)],
        Numbers = [new("temperature", 0, 1), new("top_p", 0, 1), NumberBound.Count("top_k", least: 0)],
        Texts = ["stop_sequences"],
    };

    public required RequiredMember[] Required { get; init; }

    public required NumberBound[] Numbers { get; init; }

    /// <summary>Members that are a text or an array of texts.</summary>
    public string[] Texts { get; init; } = [];

    private static RequiredMember Model => new("model", "the name of a model", value => value.ValueKind is JsonValueKind.String);

    /// <summary>The first fault, or null.</summary>
    public OpenAiError? Check(JsonElement root)
    {
        foreach (var (name, kind, holds) in Required)
        {
            if (!root.TryGetProperty(name, out var value))
            {
                return OpenAiError.Invalid("missing_required_parameter", $"{name} is required: {kind}.", name);
            }

            if (!holds(value))
            {
                return OpenAiError.Invalid("invalid_type", $"{name} must be {kind}.", name);
            }
        }

        foreach (var bound in Numbers)
        {
            if (root.TryGetProperty(bound.Name, out var value) && value.ValueKind is not JsonValueKind.Null && !bound.Holds(value))
            {
                return OpenAiError.Invalid("invalid_value", $"{bound.Name} must be {bound.Words}.", bound.Name);
            }
        }

        foreach (var name in Texts)
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.String)
                && !(value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String)))
            {
                return OpenAiError.Invalid("invalid_type", $"{name} must be a text or an array of texts.", name);
            }
        }

        return null;
    }

    private static bool IsText(JsonElement value) => value.ValueKind is JsonValueKind.String || IsList(value);

    private static bool IsList(JsonElement value) => value.ValueKind is JsonValueKind.Array && value.GetArrayLength() > 0;
}

/// <summary>A member that a request must have. <paramref name="Kind"/> says what it is, for people.</summary>
public sealed record RequiredMember(string Name, string Kind, Func<JsonElement, bool> Holds);

/// <summary>A number from <paramref name="Least"/> to <paramref name="Most"/>.</summary>
public sealed record NumberBound(string Name, double Least, double Most, bool Whole = false)
{
    public string Words => !Whole ? $"a number from {Least} to {Most}" : Most == int.MaxValue ? $"a whole number of at least {Least}" : $"a whole number from {Least} to {Most}";

    public static NumberBound Count(string name, double least = 1) => new(name, least, int.MaxValue, Whole: true);

    public bool Holds(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number >= Least && number <= Most
        && (!Whole || double.IsInteger(number));
}
