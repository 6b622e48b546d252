using System.Runtime.InteropServices;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>What the simulated model says to one conversation; the same conversation always gets the same answer.</summary>
/// <param name="Text">Empty when tools are called.</param>
/// <param name="Reasoning">What a thinking model thought; empty when it did not.</param>
/// <param name="StopSequence">The one that ended the text; the text is without it.</param>
public sealed record Answer(
    string Text, IReadOnlyList<ToolCall> Calls, string Reasoning, Ending Ending, string? StopSequence, TokenTally Tokens)
{
    public bool CallsTools => Calls.Count > 0;
}

public enum Ending
{
    Complete,

    /// <summary>The limit of tokens was reached.</summary>
    Length,
    StopSequence,
    ToolCalls,
}

/// <param name="Cached">Part of <paramref name="Prompt"/> that the provider had kept from earlier.</param>
/// <param name="CacheWritten">Part of <paramref name="Prompt"/> that it keeps from now on because the request asks for it.</param>
/// <param name="Completion">Thinking included.</param>
/// <param name="Reasoning">Part of <paramref name="Completion"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TokenTally(int Prompt, int Completion, int Reasoning = 0, int Cached = 0, int CacheWritten = 0)
{
    public int Total => Prompt + Completion;
}

/// <param name="Id">Without a dialect's prefix: 24 hexadecimal digits.</param>
/// <param name="Arguments">JSON text; of a free-form tool, the text that it takes.</param>
public sealed record ToolCall(string Id, string Name, string Arguments, bool FreeForm = false);
