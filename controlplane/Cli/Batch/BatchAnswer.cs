namespace GatewayOps.Cli.Batch;

/// <summary>What became of one item.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="IsOk">It was answered; otherwise the line says why not.</param>
/// <param name="Line">The line of the output, JSON without its end.</param>
/// <param name="InputTokens">Of the prompt, 0 where they are not known.</param>
/// <param name="OutputTokens">Of the answer, 0 where they are not known.</param>
/// <param name="CostUsd">By the price table; null where the price or the tokens are not known.</param>
public sealed record BatchAnswer(int Index, bool IsOk, ReadOnlyMemory<byte> Line, long InputTokens, long OutputTokens, decimal? CostUsd);

/// <summary>What a run has done so far.</summary>
/// <param name="Answered">Lines with an answer, those of earlier runs included.</param>
/// <param name="Failed">Lines with an error, of this run.</param>
/// <param name="InputTokens">Of all answers.</param>
/// <param name="OutputTokens">Of all answers.</param>
/// <param name="CostUsd">Of all answers whose price is known.</param>
/// <param name="Unpriced">Answers whose price is not known; they count as nothing.</param>
public sealed record BatchTotals(int Answered, int Failed, long InputTokens, long OutputTokens, decimal CostUsd, int Unpriced)
{
    public static BatchTotals None { get; } = new(0, 0, 0, 0, 0m, 0);

    public BatchTotals Plus(BatchAnswer answer) => !answer.IsOk
        ? this with { Failed = Failed + 1 }
        : new(Answered + 1, Failed, InputTokens + answer.InputTokens, OutputTokens + answer.OutputTokens, CostUsd + (answer.CostUsd ?? 0), Unpriced + (answer.CostUsd is null ? 1 : 0));
}
