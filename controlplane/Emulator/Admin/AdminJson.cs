using System.Text.Json;
using System.Text.Json.Serialization;

namespace GatewayOps.Emulator.Admin;

/// <summary>Bodies of the admin API: camelCase, strict, so that a misspelt fault is an error and not a test that passes by itself.</summary>
public static class AdminJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public static IResult Answer<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, Options, statusCode: status);

    /// <summary>400 { error }.</summary>
    public static IResult Refuse(string error) => Answer(new { error }, StatusCodes.Status400BadRequest);

    /// <summary>The body, or the answer that refuses it.</summary>
    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken) where T : class
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(request.Body, Options, cancellationToken);
            return value is null ? (null, Refuse("The body is null.")) : (value, null);
        }
        catch (JsonException e)
        {
            return (null, Refuse(Reason(e)));
        }
    }

    // The serializer's own texts name our types, which tell a caller nothing.
    private static string Reason(JsonException refused)
    {
        if (refused.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return $"Unknown member {Quoted(refused.Message).First()}.";
        if (refused.Message.Contains("missing required properties", StringComparison.Ordinal))
            return $"Required: {string.Join(", ", Quoted(refused.Message).Skip(1))}.";
        if (refused.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
            return $"{refused.Path}: not a value of the kind or range that is expected here.";
        return $"No JSON: {refused.Message.Split(" Path: ", 2)[0]}";
    }

    private static IEnumerable<string> Quoted(string message) => message.Split('\'').Where((_, at) => at % 2 == 1).Select(name => $"'{name}'");
}
