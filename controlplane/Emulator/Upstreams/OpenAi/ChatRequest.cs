using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>A chat completions request: the conversation, and how the answer is wanted.</summary>
/// <param name="IncludeUsage">`stream_options.include_usage`: the stream reports its tokens.</param>
/// <param name="Choices">`n`.</param>
/// <param name="TopLogprobs">Null without `logprobs`.</param>
public sealed record ChatRequest(Conversation Conversation, bool Stream, bool IncludeUsage, int Choices, int? TopLogprobs);
