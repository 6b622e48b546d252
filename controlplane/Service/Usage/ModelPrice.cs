namespace GatewayOps.ControlPlane.Usage;

/// <summary>A model that the proxy knows: who offers it, how callers name it, and what it costs.</summary>
/// <param name="Id">What a caller sends as `model`.</param>
/// <param name="Provider">Slug.</param>
/// <param name="Model">The provider's own name.</param>
/// <param name="Input">US dollars per million input tokens; null where no price is published.</param>
/// <param name="CachedInput">US dollars per million input tokens that the provider had in its prompt cache; null where they cost the same.</param>
/// <param name="Output">US dollars per million output tokens; null where no price is published.</param>
/// <param name="ContextWindow">Tokens.</param>
/// <param name="Description">What it is good for, in a sentence or two.</param>
/// <param name="CacheWrite">US dollars per million input tokens that are written to the prompt cache; null where they cost as others.</param>
/// <param name="AsOf">The day that this price is of, where it is not the file's.</param>
public sealed record ModelPrice(
    string Id, string Provider, string Model, decimal? Input, decimal? CachedInput, decimal? Output, int ContextWindow, string? Description = null, decimal? CacheWrite = null, DateOnly? AsOf = null)
{
    /// <summary>Places behind the point of a cost: with more, sums of many have more digits than a decimal holds.</summary>
    private const int Places = 12;

    /// <summary>Null where a price is not known: that is not nothing.</summary>
    public decimal? CostOf(TokenUsage tokens)
    {
        var cached = Math.Min(tokens.Cached ?? 0, tokens.Input);
        var written = Math.Min(tokens.CacheWrites ?? 0, tokens.Input - cached);
        var usd = (((tokens.Input - cached - written) * Input) + (cached * (CachedInput ?? Input)) + (written * (CacheWrite ?? Input)) + (tokens.Output * Output)) / 1_000_000m;
        return usd is { } cost ? Math.Round(cost, Places) : null;
    }
}
