namespace GatewayOps.Cli.Batch;

/// <summary>What a run of a batch was asked for. Source: checklist S4-02 to S4-06, S4-12 and S4-17.</summary>
public sealed record BatchSettings
{
    /// <summary>For stdin and stdout.</summary>
    public const string Standard = "-";

    /// <summary>How many lines `--debug` takes, as the script did that this verb comes from.</summary>
    public const int FirstFew = 10;

    /// <summary>JSONL, or a JSON document with the items in an array; `-` is stdin.</summary>
    public required string Input { get; init; }

    /// <summary>JSONL; `-` is stdout.</summary>
    public required string Output { get; init; }

    /// <summary>0 to 2; null sends none. A line's own wins.</summary>
    public float? Temperature { get; init; } = 0;

    /// <summary>Tokens of an answer, 1 or more; null leaves it to the model. A line's own wins.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Requests at once, 1 to 1000; never more.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Attempts after the first one of a line whose provider failed or whose answer broke off, 0 to 10.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Failures one after the other that are not the fault of the lines, after which the run stops; 0: it never does.</summary>
    public int MaxFailures { get; init; } = 50;

    /// <summary>Put the prefixes of the prefix memory before the prompts.</summary>
    public bool UsePrefix { get; init; }

    /// <summary>The prefix memory; null is the file beside the input.</summary>
    public string? PrefixFile { get; init; }

    /// <summary>The first few lines alone, each told of.</summary>
    public bool Debug { get; init; }

    /// <summary>Go on with a run that was stopped.</summary>
    public bool Resume { get; init; }
}
