namespace GatewayOps.Tests.Emulator.Management.Routes;

/// <summary>Elements of dynamic routes as request bodies have them.</summary>
public static class SampleRoute
{
    public static object To(string id) => new { elementId = id };

    public static object Start(string next) => new { id = "start", type = "start", outputs = new { next = To(next) } };

    public static object End(string id = "end") => new { id, type = "end", outputs = new { } };

    public static object Model(string id, string model = "gpt-4o-mini", string success = "end", string fallback = "end", string provider = "openai") => new
    {
        id,
        type = "model",
        properties = new { provider, model, timeout = 60_000, retries = 2 },
        outputs = new { success = To(success), fallback = To(fallback) },
    };

    public static object If(string id, object conditions, string then, string otherwise) => new
    {
        id,
        type = "conditional",
        properties = new { conditions },
        outputs = new Dictionary<string, object> { ["true"] = To(then), ["false"] = To(otherwise) },
    };

    public static object Split(string id, params (string Output, string Next)[] outputs) =>
        new { id, type = "percentage", outputs = outputs.ToDictionary(output => output.Output, output => To(output.Next)) };

    public static object Rate(string id, string success, string fallback, object? properties = null) => new
    {
        id,
        type = "rate",
        properties = properties ?? new { limitType = "count", key = "metadata.user_id", limit = 100, window = 3600 },
        outputs = new { success = To(success), fallback = To(fallback) },
    };

    /// <summary>Start, one model, end.</summary>
    public static object[] Elements(string model = "gpt-4o-mini") => [Start("m1"), Model("m1", model), End()];

    public static object Named(string name, string model = "gpt-4o-mini") => new { name, elements = Elements(model) };
}
