namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What a provider can be asked for, named by the path that OpenAI and Anthropic gave it, without `/v1`.</summary>
public static class Operations
{
    public const string Chat = "/chat/completions";
    public const string Completions = "/completions";
    public const string Embeddings = "/embeddings";
    public const string Responses = "/responses";
    public const string Messages = "/messages";
}
