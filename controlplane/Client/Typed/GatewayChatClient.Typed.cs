using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Typed;
using GatewayOps.Client.Wire;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client;

/// <summary>How a typed answer is asked for.</summary>
public enum TypedOutputMode
{
    /// <summary>By schema where the model is known to follow one, else by a function; by a function, too, where a schema is refused.</summary>
    Auto,

    /// <summary>By `response_format` with a JSON schema.</summary>
    Schema,

    /// <summary>By a function that the model must call, whose arguments are the answer.</summary>
    Function,
}

public sealed partial class GatewayChatClient
{
    /// <summary>
    /// One message and an answer of a type. The schema comes from the type, with descriptions from <see cref="DescriptionAttribute"/>s. An answer that is no such value is sent back once to be
    /// corrected. Throws <see cref="GatewayOutputException"/> with the text when it still is none, and <see cref="GatewayException"/>. Source: checklist S3-17.
    /// </summary>
    /// <typeparam name="T">A class, record, list, number or enumeration that System.Text.Json can write; properties in camel case.</typeparam>
    /// <param name="message">What the user says.</param>
    /// <param name="instructions">What the system says first; null is nothing.</param>
    /// <param name="options">Temperature and the like; functions run before the answer is given. Null is none.</param>
    /// <param name="mode">How to ask.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<GatewayReply<T>> ChatAsync<T>(string message, string? instructions = null, ChatOptions? options = null, TypedOutputMode mode = TypedOutputMode.Auto, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatAsync<T>([new ChatMessage(ChatRole.User, message)], Instructed(options, instructions), mode, cancellationToken);
    }

    /// <summary>The same of a conversation.</summary>
    /// <typeparam name="T">As above.</typeparam>
    /// <param name="messages">What was said.</param>
    /// <param name="options">As above.</param>
    /// <param name="mode">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    public async Task<GatewayReply<T>> ChatAsync<T>(IEnumerable<ChatMessage> messages, ChatOptions? options = null, TypedOutputMode mode = TypedOutputMode.Auto, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var conversation = messages.ToList();
        var model = Address.ChatModel(_options, options?.ModelId);
        var (schema, isWrapped) = TypedOutput.SchemaOf(typeof(T));
        var byFunction = mode == TypedOutputMode.Function || (mode == TypedOutputMode.Auto && !ModelTraits.TakesSchema(model));
        GatewayUsage? used = null;
        for (var attempt = 1; ; attempt++)
        {
            var asked = byFunction ? ByFunction<T>(options, schema) : BySchema<T>(options, schema);
            ChatResponse response;
            try
            {
                response = await GetResponseAsync(conversation, asked, cancellationToken);
            }
            catch (GatewayException e) when (mode == TypedOutputMode.Auto && !byFunction && e.Status is 400 or 422 && e.Message.Contains("response_format", StringComparison.Ordinal))
            {
                ClientLog.SchemaRefused(_logger, model);
                (byFunction, attempt) = (true, attempt - 1);
                continue;
            }
            used = used is null ? response.GetGatewayUsage() : used.Plus(response.GetGatewayUsage());
            var text = TextOf(response);
            if (TypedOutput.TryRead<T>(text, isWrapped, out var value, out var problem)) return new GatewayReply<T>(value, used, response);
            if (attempt == 2 || response.FinishReason == ChatFinishReason.Length)
                throw new GatewayOutputException($"The answer is no {typeof(T).Name}{(response.FinishReason == ChatFinishReason.Length ? ": it was cut at the limit of tokens" : ", also when it was asked to be corrected")} (request {used.RequestId}).",
                    new GatewayFailure(200, null, used.RequestId), text, typeof(T), used);
            ClientLog.Repairing(_logger, typeof(T).Name);
            conversation = [.. conversation, new ChatMessage(ChatRole.Assistant, text.Length == 0 ? "(nothing)" : text),
                new ChatMessage(ChatRole.User, $"This is not valid: {problem} Answer again, with nothing but JSON by this schema: {schema.GetRawText()}")];
        }
    }

    // The arguments of the function, or what was said in its place.
    private static string TextOf(ChatResponse response) =>
        response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().LastOrDefault(call => call.Name == TypedOutput.ToolName) is { } call ? JsonText.ArgumentsOf(call) : response.Messages.LastOrDefault()?.Text ?? "";

    private static ChatOptions BySchema<T>(ChatOptions? options, JsonElement schema)
    {
        var own = options?.Clone() ?? new ChatOptions();
        own.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, NameOf(typeof(T)), DescriptionOf(typeof(T)));
        own.AdditionalProperties = new AdditionalPropertiesDictionary(own.AdditionalProperties ?? []) { [ChatRequestWriter.StrictProperty] = true };
        return own;
    }

    private static ChatOptions ByFunction<T>(ChatOptions? options, JsonElement schema)
    {
        var own = options?.Clone() ?? new ChatOptions();
        var answer = AIFunctionFactory.CreateDeclaration(TypedOutput.ToolName, $"Gives the answer. {DescriptionOf(typeof(T))}".TrimEnd(), schema);
        // With functions of the caller's the model chooses, until it gives the answer.
        own.ToolMode = own.Tools is { Count: > 0 } ? ChatToolMode.RequireAny : ChatToolMode.RequireSpecific(TypedOutput.ToolName);
        own.Tools = [.. own.Tools ?? [], answer];
        return own;
    }

    private static string? DescriptionOf(Type type) => type.GetCustomAttribute<DescriptionAttribute>()?.Description;

    private static string NameOf(Type type)
    {
        var name = new string([.. type.Name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-').Take(64)]);
        return name.Length == 0 ? TypedOutput.ToolName : name;
    }
}
