using System.ComponentModel;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.Metadata;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// What is wrong with a request that does not fit its endpoint, by pointer. The framework says it with the names of our types, which callers do not know;
/// where it says something new, the pointer still is right and the words are general.
/// </summary>
internal static partial class BindingFault
{
    /// <summary>Null for what has nothing to do with the endpoint: framing, limits.</summary>
    public static RuleSetError? Of(BadHttpRequestException exception) => exception switch
    {
        { InnerException: JsonException json } => OfBody(json),
        _ when exception.Message.Contains("no body was provided", StringComparison.Ordinal) =>
            new(RuleSetErrorCodes.Required, "", "The request needs a body: send a JSON object with Content-Type: application/json."),
        _ => null,
    };

    /// <summary>Of a value in path or query that the endpoint cannot read; the framework itself names it for some types only.</summary>
    public static RuleSetError? OfValue(HttpContext context)
    {
        var values = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [];
        foreach (var value in values.Where(value => value.HasTryParse))
        {
            var type = Nullable.GetUnderlyingType(value.ParameterInfo.ParameterType) ?? value.ParameterInfo.ParameterType;
            var given = context.Request.RouteValues[value.Name]?.ToString() ?? context.Request.Query[value.Name].ToString();
            if (given.Length > 0 && !TypeDescriptor.GetConverter(type).IsValid(given))
            {
                return new(RuleSetErrorCodes.WrongType, "", $"{value.Name} must be {(type == typeof(int) || type == typeof(long) ? "a whole number" : "of another type")}, given once.");
            }
        }

        return null;
    }

    private static RuleSetError OfBody(JsonException json)
    {
        if (json.InnerException is JsonException syntax)
        {
            var place = $"line {(syntax.LineNumber ?? 0) + 1}, byte {(syntax.BytePositionInLine ?? 0) + 1}";
            return new(RuleSetErrorCodes.InvalidJson, "", $"The body is not JSON at {place}: correct it there.");
        }

        var pointer = Pointer(json.Path);
        var named = Quoted().Match(json.Message) is { Success: true } match ? match.Groups[1].Value : "";
        return json.Message switch
        {
            var said when said.Contains("could not be mapped", StringComparison.Ordinal) =>
                new(RuleSetErrorCodes.UnknownField, Below(pointer, named), $"There is no field {Below(pointer, named)} here: remove it, or correct its name."),
            var said when said.StartsWith("Duplicate property", StringComparison.Ordinal) =>
                new(RuleSetErrorCodes.DuplicateKey, Below(pointer, named), $"{Below(pointer, named)} is given twice: remove one."),
            var said when said.Contains("missing required", StringComparison.Ordinal) =>
                new(RuleSetErrorCodes.Required, Below(pointer, Required().Match(said).Groups[1].Value), $"{Below(pointer, Required().Match(said).Groups[1].Value)} is required: add it."),
            var said when said.Contains("null values", StringComparison.Ordinal) =>
                new(RuleSetErrorCodes.WrongType, pointer, $"{pointer} must not be null: give it a value, or leave it out where it may be absent."),
            _ => new(RuleSetErrorCodes.WrongType, pointer, $"{(pointer.Length == 0 ? "The body" : pointer)} is of the wrong type or out of range: /openapi/v1.json says what belongs there."),
        };
    }

    // `$.a[0].b` and `$['a b']` to RFC 6901.
    private static string Pointer(string? path) =>
        string.Concat(Step().Matches(path ?? "").Select(step => "/" + JsonPointer.Escape(step.Groups.Values.Skip(1).First(group => group.Success).Value)));

    private static string Below(string pointer, string name) =>
        name.Length == 0 || pointer.EndsWith("/" + JsonPointer.Escape(name), StringComparison.Ordinal) ? pointer : $"{pointer}/{JsonPointer.Escape(name)}";

    [GeneratedRegex(@"'([^']*)'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"including: '([^']*)'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Required();

    [GeneratedRegex(@"\.([^.\[]+)|\['([^']*)'\]|\[(\d+)\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Step();
}
