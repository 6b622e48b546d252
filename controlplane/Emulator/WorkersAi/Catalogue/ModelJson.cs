using System.Globalization;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>Models and tasks as the API shows them.</summary>
public static class ModelJson
{
    public static JsonNode Task(AiTask task) => new JsonObject { ["id"] = task.Id, ["name"] = task.Name, ["description"] = task.Description };

    public static JsonNode Model(AiModel model) => new JsonObject
    {
        ["id"] = model.Id,
        ["source"] = model.Source,
        ["name"] = model.Name,
        ["description"] = model.Description,
        ["task"] = Task(model.Task),
        ["created_at"] = model.CreatedAt,
        ["tags"] = new JsonArray(),
        ["properties"] = Properties(model),
    };

    /// <summary>`{input, output}`: JSON Schemas.</summary>
    public static JsonNode Schema(AiModel model) => new JsonObject { ["input"] = AiSchemas.Input(model), ["output"] = AiSchemas.Output(model) };

    public static JsonNode OpenRouter(AiModel model)
    {
        JsonArray features = [];
        if (model.IsOpenAiShaped || model.CallsTools)
        {
            features.Add("structured_outputs");
            features.Add("json_mode");
        }
        if (model.CallsTools)
            features.Add("tools");
        if (model.Thinks)
            features.Add("reasoning");
        return new JsonObject
        {
            ["id"] = model.Name,
            ["name"] = $"{Title(model.Author)}: {Title(model.Name.Split('/')[^1])}",
            ["description"] = model.Description,
            ["created"] = DateTimeOffset.Parse(model.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds(),
            ["input_modalities"] = model.SeesImages ? new JsonArray("text", "image") : new JsonArray("text"),
            ["output_modalities"] = new JsonArray("text"),
            ["context_length"] = model.Window,
            ["max_output_length"] = model.Window,
            ["pricing"] = new JsonObject { ["prompt"] = PerToken(model.PriceIn), ["completion"] = PerToken(model.PriceOut) },
            ["supported_features"] = features,
        };
    }

    private static JsonArray Properties(AiModel model)
    {
        JsonArray properties = [];
        if (model.IsBeta)
            Add("beta", "true");
        if (model.IsQueueable)
            Add("async_queue", "true");
        if (model.Window > 0)
            Add("context_window", model.Window.ToString(CultureInfo.InvariantCulture));
        if (model.CallsTools)
            Add("function_calling", "true");
        if (model.TakesLora)
            Add("lora", "true");
        if (model.Thinks)
            Add("reasoning", "true");
        if (model.SeesImages)
            Add("vision", "true");
        if (model.NeedsAgreement)
            Add("terms", "https://github.com/meta-llama/llama-models/blob/main/models/llama3_2/LICENSE");
        if (model.DeprecatedOn is { } day)
            Add("planned_deprecation_date", day);
        if (model.PriceIn > 0)
            Add("price", Prices(model));
        return properties;

        void Add(string id, JsonNode value) => properties.Add(new JsonObject { ["property_id"] = id, ["value"] = value });
    }

    private static JsonArray Prices(AiModel model)
    {
        JsonArray prices = [Price("per M input tokens", model.PriceIn)];
        if (model.PriceOut > 0)
            prices.Add(Price("per M output tokens", model.PriceOut));
        return prices;
    }

    private static JsonNode Price(string unit, decimal price) => new JsonObject { ["unit"] = unit, ["price"] = price, ["currency"] = "USD" };

    private static string PerToken(decimal perMillion) => (perMillion / 1_000_000m).ToString("0.0000000000", CultureInfo.InvariantCulture);

    private static string Title(string name) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name.Replace('-', ' '));
}
