using Microsoft.Extensions.AI;

namespace GatewayOps.Client.WorkersAi;

/// <summary>One conversation of a batch.</summary>
/// <param name="Reference">Your own name for it, by which its answer is found; unique in the batch.</param>
/// <param name="Messages">What was said; 1 or more.</param>
public sealed record WorkersAiBatchItem(string Reference, IReadOnlyList<ChatMessage> Messages);

/// <summary>The answer to one conversation of a batch.</summary>
/// <param name="Reference">The name that it was given.</param>
/// <param name="Text">What the model said; null where it failed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record WorkersAiBatchAnswer(string Reference, string? Text, string? Error);

/// <summary>A batch that was taken on.</summary>
/// <param name="RequestId">By which it is asked for.</param>
/// <param name="Model">The model that runs it.</param>
public sealed record WorkersAiBatch(string RequestId, string Model);
