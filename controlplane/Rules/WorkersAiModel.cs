namespace GatewayOps.Rules;

/// <summary>Cloudflare's spelling of a Workers AI model id.</summary>
static partial class WorkersAiModel
{
    /// <summary>
    /// The 70B model of Llama 3 exists only as 3.1; the 8B model exists as 3 and keeps its name, and so does every other id. Source: checklist S4-09.
    /// </summary>
    public static string Normalise(string model) => model switch
    {
        "@cf/meta/llama-3-70b-instruct" => "@cf/meta/llama-3.1-70b-instruct",
        "llama-3-70b-instruct" => "llama-3.1-70b-instruct",
        _ => model,
    };
}
