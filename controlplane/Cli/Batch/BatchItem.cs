using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Batch;

/// <summary>One request of a batch.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Name">For people: `line 7`.</param>
/// <param name="Id">As the input has it, text or number; where it has none, the number of the line.</param>
/// <param name="Messages">What is asked; 1 or more, the last one by the user.</param>
public sealed record BatchItem(int Index, string Name, JsonElement Id, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>A model of its own; null is the run's.</summary>
    public string? Model { get; init; }

    /// <summary>A temperature of its own; null is the run's.</summary>
    public float? Temperature { get; init; }

    /// <summary>Tokens of its answer; null is the run's.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>What the output line repeats; undefined where there is none.</summary>
    public JsonElement Metadata { get; init; }

    /// <summary>The id without the quotes of its JSON: two lines may not have the same.</summary>
    public string IdText => Id.ToString();
}
