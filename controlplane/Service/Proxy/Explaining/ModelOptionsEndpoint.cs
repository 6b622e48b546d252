using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using GatewayOps.Tokenizer;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>GET /v1/model-options: the models that the caller may ask for, with what is known of each. The table is Usage/prices.json, or the file in its place.</summary>
internal static class ModelOptionsEndpoint
{
    public static IResult Handle(ProviderAvailability availability, HttpContext context) => TypedResults.Ok(new ModelOptions(
        "list",
        [.. availability.ModelsFor(context).Select(model => new ModelOption
        {
            Id = model.Id,
            Provider = model.Provider,
            Description = model.Description,
            ContextWindow = model.ContextWindow,
            Aliases = ModelRouting.AliasesOf(model.Model),
            Prices = new ModelPrices(model.Input, model.CachedInput, model.CacheWrite, model.Output),
            Tokenizer = ModelEncodings.Of(model.Model).Method,
            IsDefault = model.Model == ProviderCatalogue.DefaultModelOf(model.Provider),
            Available = availability.IsAvailable(model.Provider),
        })]));

    private sealed record ModelOptions(string Object, IReadOnlyList<ModelOption> Data);

    private sealed record ModelOption
    {
        public required string Id { get; init; }

        public string Object { get; } = "model";

        public required string Provider { get; init; }

        /// <summary>OpenAI's shape has it; no provider tells it for all its models.</summary>
        public long Created { get; init; }

        public string? Description { get; init; }

        /// <summary>Tokens.</summary>
        [JsonPropertyName("context_window")]
        public int ContextWindow { get; init; }

        public required IReadOnlyList<string> Aliases { get; init; }

        /// <summary>What `default` means with this provider.</summary>
        [JsonPropertyName("default")]
        public bool IsDefault { get; init; }

        public required ModelPrices Prices { get; init; }

        /// <summary>How its tokens are counted.</summary>
        public required string Tokenizer { get; init; }

        public required bool Available { get; init; }
    }

    /// <summary>US dollars per million tokens.</summary>
    private sealed record ModelPrices(
        decimal? Input, [property: JsonPropertyName("cached_input")] decimal? CachedInput, [property: JsonPropertyName("cache_write")] decimal? CacheWrite, decimal? Output);
}
