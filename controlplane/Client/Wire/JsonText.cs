using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>JSON that others wrote: members that may be missing or of another kind, and arguments of functions as text and as values.</summary>
internal static class JsonText
{
    private const string Raw = "gatewayops.arguments";

    /// <summary>A call as the model made it. Arguments that are no JSON object become its <see cref="FunctionCallContent.Exception"/>, and are kept as they came.</summary>
    public static FunctionCallContent Call(string id, string name, string arguments)
    {
        try
        {
            // Some models say nothing where there is nothing to say.
            var values = string.IsNullOrWhiteSpace(arguments) ? [] : JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments, AIJsonUtilities.DefaultOptions);
            if (values is not null) return new FunctionCallContent(id, name, values);
            throw new JsonException("arguments are an object");
        }
        catch (JsonException e)
        {
            return new FunctionCallContent(id, name) { Exception = e, AdditionalProperties = new() { [Raw] = arguments } };
        }
    }

    public static string ArgumentsOf(FunctionCallContent call)
    {
        if (call.AdditionalProperties?.TryGetValue(Raw, out var raw) == true && raw is string text) return text;
        return call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));
    }

    /// <summary>Arguments of a call as the model wrote them: JSON text, or JSON itself with some; empty where there are none.</summary>
    public static string ArgumentsOf(JsonElement function) => function.MemberOf("arguments") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "",
        var value => value.GetRawText(),
    };

    /// <summary>Seconds since 1970; null where they are none, or no year of four digits.</summary>
    public static DateTimeOffset? TimeOf(long? seconds) => seconds is > 0 and < 253402300800 and var given ? DateTimeOffset.FromUnixTimeSeconds(given) : null;

    /// <summary>A model's refusal is no text of an answer.</summary>
    public static ErrorContent Refused(string words) => new(words) { ErrorCode = "Refusal" };

    public static string? StringOf(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static JsonElement MemberOf(this JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static long? NumberOf(this JsonElement element, string name) => element.MemberOf(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var whole) ? whole : null;
}
