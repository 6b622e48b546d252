using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>A Responses request: the conversation, and how the answer is wanted.</summary>
/// <param name="Turns">Of the whole conversation without the instructions.</param>
/// <param name="Stored">It is kept for later (`store`, by default).</param>
/// <param name="SummarisesReasoning">`reasoning.summary` was asked for.</param>
/// <param name="EncryptsReasoning">`include` asks for `reasoning.encrypted_content`.</param>
/// <param name="TopLogprobs">Null unless `include` asks for `message.output_text.logprobs`.</param>
/// <param name="Body">For the members that the response repeats.</param>
public sealed record ResponsesRequest(
    Conversation Conversation,
    IReadOnlyList<Turn> Turns,
    bool Stream,
    bool Stored,
    bool SummarisesReasoning,
    bool EncryptsReasoning,
    int? TopLogprobs,
    Fields Body);
