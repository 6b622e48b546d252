using System.Text.Json;
using GatewayOps.Client.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Client.Tools;

/// <summary>Runs the functions of one turn. What goes wrong goes back to the model, which may try again; only the caller's own cancellation ends the call.</summary>
internal sealed class FunctionRunner(int most, BackgroundTasks background, ILogger logger)
{
    private const string Started = "Started. It runs in the background and returns nothing.";

    /// <summary>True when nothing but functions that are here was asked for.</summary>
    public static bool CanRun(IReadOnlyList<FunctionCallContent> calls, ChatOptions options) =>
        options.Tools is { Count: > 0 } tools && !calls.Any(call => tools.Any(tool => tool.Name == call.Name && tool is not AIFunction));

    /// <summary>True when every call started a task that nobody waits for.</summary>
    public static bool AreBackground(IReadOnlyList<FunctionCallContent> calls, ChatOptions options) =>
        calls.All(call => options.Tools!.Any(tool => tool.Name == call.Name && tool is BackgroundFunction));

    /// <summary>The results, in the order of the calls.</summary>
    public async Task<ChatMessage> RunAsync(IReadOnlyList<FunctionCallContent> calls, ChatOptions options, CancellationToken cancellationToken)
    {
        if (calls.Count == 1) return new ChatMessage(ChatRole.Tool, [await RunAsync(calls[0], options, cancellationToken)]);
        using var room = new SemaphoreSlim(most);
        var results = await Task.WhenAll(calls.Select(async call =>
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                // From a thread of its own: a function that is not async would hold up the others.
                return await Task.Run(() => RunAsync(call, options, cancellationToken), cancellationToken);
            }
            finally
            {
                room.Release();
            }
        }));
        return new ChatMessage(ChatRole.Tool, [.. results]);
    }

    /// <summary>For calls beyond the last turn: a conversation in which a call has no answer is refused by providers.</summary>
    public static ChatMessage Refuse(IReadOnlyList<FunctionCallContent> calls) =>
        new(ChatRole.Tool, [.. calls.Select(call => (AIContent)new FunctionResultContent(call.CallId, "Error: not run, the limit of turns was reached."))]);

    private async Task<FunctionResultContent> RunAsync(FunctionCallContent call, ChatOptions options, CancellationToken cancellationToken)
    {
        if (options.Tools!.FirstOrDefault(tool => tool.Name == call.Name) is not AIFunction function)
        {
            ClientLog.FunctionUnknown(logger, call.Name.Length > 64 ? call.Name[..64] : call.Name);
            return new(call.CallId, $"Error: there is no function \"{call.Name}\". There are: {string.Join(", ", options.Tools!.Select(tool => tool.Name))}.");
        }
        if (call.Exception is not null) return new(call.CallId, $"Error: the arguments of {call.Name} are no JSON object: {call.Exception.Message}") { Exception = call.Exception };
        if (Missing(function, call) is { Count: > 0 } missing) return new(call.CallId, $"Error: {call.Name} needs the argument {string.Join(", ", missing)}.");
        var arguments = new AIFunctionArguments(call.Arguments);
        if (function is BackgroundFunction)
            return new(call.CallId, background.TryStart(function, arguments) ? Started : $"Error: {call.Name} was not started: too many background tasks are running.");

        using var activity = ClientTelemetry.StartFunction(function.Name, call.CallId);
        try
        {
            return new(call.CallId, await function.InvokeAsync(arguments, cancellationToken));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            ClientLog.FunctionFailed(logger, function.Name, e);
            ClientTelemetry.Fail(activity, e);
            var invalid = e is JsonException or ArgumentException;
            return new(call.CallId, $"Error: {(invalid ? $"the arguments of {call.Name} are invalid: " : "")}{e.Message}") { Exception = e };
        }
    }

    private static List<string> Missing(AIFunction function, FunctionCallContent call) =>
        function.JsonSchema.ValueKind == JsonValueKind.Object && function.JsonSchema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
            ? [.. required.EnumerateArray().Select(name => name.GetString()!).Where(name => call.Arguments?.ContainsKey(name) != true)]
            : [];
}
