using System.Collections.Frozen;
using System.Text.Json;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>`cf-aig-custom-cost`: a price per token or for the whole request, in USD (contract 12.1).</summary>
public sealed record CustomCost(decimal? PerTokenIn, decimal? PerTokenOut, decimal? Total)
{
    public static CustomCost? Read(string? header)
    {
        if (header is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(header);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var cost = new CustomCost(Price("per_token_in"), Price("per_token_out"), Price("total_cost"));
            return cost is { PerTokenIn: null, PerTokenOut: null, Total: null } ? null : cost;

            decimal? Price(string name) =>
                document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var price) && price is >= 0 and < 1_000_000
                    ? price
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What an answer is estimated to cost: tokens times the public price, only where the answer reports its tokens (contract 14).</summary>
public static class Cost
{
    private const decimal Million = 1_000_000m;

    // USD for a million tokens in and out, as published by the providers; an emulator needs a few, not all.
    private static readonly FrozenDictionary<string, (decimal In, decimal Out)> Prices = new Dictionary<string, (decimal, decimal)>
    {
        ["gpt-4o"] = (2.50m, 10.00m),
        ["gpt-4o-mini"] = (0.15m, 0.60m),
        ["gpt-4.1"] = (2.00m, 8.00m),
        ["gpt-4.1-mini"] = (0.40m, 1.60m),
        ["gpt-5"] = (1.25m, 10.00m),
        ["gpt-5-mini"] = (0.25m, 2.00m),
        ["o3"] = (2.00m, 8.00m),
        ["o4-mini"] = (1.10m, 4.40m),
        ["text-embedding-3-small"] = (0.02m, 0m),
        ["text-embedding-3-large"] = (0.13m, 0m),
        ["claude-haiku-4-5"] = (1.00m, 5.00m),
        ["claude-sonnet-4-5"] = (3.00m, 15.00m),
        ["gemini-2.5-flash"] = (0.30m, 2.50m),
        ["gemini-2.5-pro"] = (1.25m, 10.00m),
    }.ToFrozenDictionary();

    /// <summary>Whether the model has a public price.</summary>
    public static bool IsKnown(string model) => Prices.ContainsKey(Undated(model));

    /// <summary>USD of a million tokens in and a million out; 0 for an unknown model.</summary>
    public static decimal PerMillion(string model) => Prices.TryGetValue(Undated(model), out var price) ? price.In + price.Out : 0;

    /// <summary>USD; 0 for an unknown model or an answer without token counts.</summary>
    public static decimal Of(string model, TokenUsage? usage, CustomCost? custom)
    {
        if (usage is null)
            return 0;
        if (custom?.Total is { } total)
            return total;
        if (custom is not null)
            return usage.In * (custom.PerTokenIn ?? 0) + usage.Out * (custom.PerTokenOut ?? 0);
        return Prices.TryGetValue(Undated(model), out var price) ? (usage.In * price.In + usage.Out * price.Out) / Million : 0;
    }

    /// <summary>`gpt-4o-2024-08-06` is priced as `gpt-4o`, `claude-sonnet-4-5-20250929` as `claude-sonnet-4-5`.</summary>
    private static string Undated(string model) => model.LastIndexOf("-20", StringComparison.Ordinal) is > 0 and var at ? model[..at] : model;
}
