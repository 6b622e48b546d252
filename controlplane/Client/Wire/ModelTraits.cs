using System.Text.RegularExpressions;

namespace GatewayOps.Client.Wire;

/// <summary>What a model takes, by its name as it is sent. A model that is not known is asked in the way that all understand.</summary>
internal static partial class ModelTraits
{
    /// <summary>OpenAI's reasoning models refuse `max_tokens` and have `max_completion_tokens`.</summary>
    public static bool CountsReasoning(string model) => Reasoning().IsMatch(model);

    /// <summary>Answers follow a JSON schema that the request holds. Source: OpenAI's and Google's pages on structured output; Cloudflare's page on JSON mode.</summary>
    public static bool TakesSchema(string model) => Schema().IsMatch(model);

    [GeneratedRegex(@"(^|/)(o[1-9]|gpt-5)[^/]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reasoning();

    [GeneratedRegex(
        @"(^|/)(gpt-4o|gpt-4\.1|gpt-5|o[1-9]|gemini-|grok-[2-9]|sonar)[^/]*$|@cf/meta/llama-(3-8b-instruct|3\.1-(8b|70b)-instruct|3\.3-70b|4-)|@cf/deepseek-ai/deepseek-r1|@hf/nousresearch/hermes-2-pro",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Schema();
}
