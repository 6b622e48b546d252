namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What a provider can be asked for, named by the path that OpenAI and Anthropic gave it, without `/v1`.</summary>
public static class Operations
{
    public const string Chat = "/chat/completions";
    public const string Completions = "/completions";
    public const string Embeddings = "/embeddings";
    public const string Responses = "/responses";
    public const string Messages = "/messages";

    /// <summary>Workers AI's own: the model is in the address. Source: Cloudflare contract, section 16.</summary>
    public const string Run = "/ai/run";
}
