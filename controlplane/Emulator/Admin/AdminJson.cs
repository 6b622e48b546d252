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
            return (null, Refuse(e.Message));
        }
    }
}
