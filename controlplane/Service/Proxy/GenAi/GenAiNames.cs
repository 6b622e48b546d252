using System.Collections.Frozen;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy.GenAi;

/// <summary>Our words in those of OpenTelemetry's conventions for generative AI. Source: semantic-conventions-genai, attributes gen_ai.operation.name and gen_ai.provider.name.</summary>
public static class GenAiNames
{
    private static readonly FrozenDictionary<string, string> Providers = new Dictionary<string, string>
    {
        ["aws-bedrock"] = "aws.bedrock",
        ["azure-openai"] = "azure.ai.openai",
        ["google-ai-studio"] = "gcp.gemini",
        ["google-vertex-ai"] = "gcp.vertex_ai",
        ["grok"] = "x_ai",
        ["mistral"] = "mistral_ai",
        ["perplexity-ai"] = "perplexity",
    }.ToFrozenDictionary();

    /// <summary>The convention's name, or the slug where it has none.</summary>
    public static string Provider(string slug) => Providers.GetValueOrDefault(slug, slug);

    /// <summary>By the end of a path, in our shape and in Cloudflare's; null for what is no operation of these conventions.</summary>
    public static string? Operation(string path) =>
        path.EndsWith(Operations.Chat, StringComparison.Ordinal) || path.EndsWith(Operations.Responses, StringComparison.Ordinal) || path.EndsWith(Operations.Messages, StringComparison.Ordinal) ? "chat"
        : path.EndsWith(Operations.Completions, StringComparison.Ordinal) ? "text_completion"
        : path.EndsWith(Operations.Embeddings, StringComparison.Ordinal) ? "embeddings"
        : null;
}
