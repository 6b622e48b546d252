using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>One model of Workers AI.</summary>
/// <param name="Name">`@cf/{author}/{model}`.</param>
/// <param name="Window">Tokens of input and output together; 0 where tokens do not count.</param>
/// <param name="PriceIn">USD for a million tokens of input.</param>
/// <param name="PriceOut">USD for a million tokens of output.</param>
public sealed record AiModel(string Name, AiTask Task, string Description, int Window = 0, decimal PriceIn = 0, decimal PriceOut = 0)
{
    /// <summary>What a thousand neurons cost, in USD.</summary>
    public const decimal PriceOfThousandNeurons = 0.011m;

    public string Id { get; } = Fingerprint.Uuid(Fingerprint.Of(Name));

    /// <summary>Second part of the name.</summary>
    public string Author { get; } = Name.Split('/')[1];

    /// <summary>Neurons of one request, where it is not tokens that are counted.</summary>
    public decimal NeuronsEach { get; init; }

    /// <summary>Answers in the shape of OpenAI's chat completions, as the newer models do.</summary>
    public bool IsOpenAiShaped { get; init; }

    public bool CallsTools { get; init; }

    public bool TakesLora { get; init; }

    public bool SeesImages { get; init; }

    /// <summary>Shown as experimental; `hide_experimental` leaves it out.</summary>
    public bool IsBeta { get; init; }

    /// <summary>Requests can be queued (`?queueRequest=true`).</summary>
    public bool IsQueueable { get; init; }

    /// <summary>Its terms must be agreed to first, by the prompt `agree` (5016).</summary>
    public bool NeedsAgreement { get; init; }

    /// <summary>`yyyy-MM-dd`; null for a model that stays.</summary>
    public string? DeprecatedOn { get; init; }

    public string CreatedAt { get; init; } = "2025-01-01 00:00:00.000";

    /// <summary>Length of the vectors of an embedding model.</summary>
    public int Dimensions { get; init; }

    /// <summary>Requests in a minute, where the model has a limit of its own.</summary>
    public int? PerMinute { get; init; }

    /// <summary>1 = Cloudflare's own network, 2 = Hugging Face.</summary>
    public int Source { get; init; } = 1;

    public bool Thinks { get; } = Thinking.IsThinker(Name);

    /// <summary>Estimated work of one request.</summary>
    public double NeuronsFor(int tokensIn, int tokensOut) =>
        (double)(NeuronsEach + (tokensIn * PriceIn + tokensOut * PriceOut) / 1_000_000m / PriceOfThousandNeurons * 1000m);
}
