using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.CustomProviders;

/// <summary>The body of a custom provider's create and change (contract section 4.2).</summary>
public static partial class CustomProviderShape
{
    private static readonly Shape BaseUrl = Text(1, pattern: HttpsFormat()).And((value, path, errors) =>
    {
        if (!Uri.TryCreate(value.GetString(), UriKind.Absolute, out var url) || url.Host.Length == 0)
            errors.Add(ApiError.Invalid(path, "Invalid url"));
    });

    private static readonly Shape Headers = Text().And((value, path, errors) =>
    {
        if (ReadHeaders(value.GetString()!) is null)
            errors.Add(ApiError.Invalid(path, "Expected the text of a JSON object of header names and values"));
    });

    private static readonly Member[] Optional =
    [
        new("beta", Flag),
        new("curl_example", Text()),
        new("description", Text()),
        new("enable", Flag),
        new("headers", Headers),
        new("js_example", Text()),
        new("link", Text()),
        new("position", Integer(int.MinValue)),
    ];

    public static Shape Create { get; } = Body(required: true);

    public static Shape Change { get; } = Body(required: false);

    /// <summary>The provider with what the body says about it.</summary>
    public static CustomProviderState Apply(CustomProviderState provider, JsonElement body)
    {
        var headers = Given(body, "headers") ?? provider.HeadersText;
        return provider with
        {
            Name = Given(body, "name") ?? provider.Name,
            Slug = Given(body, "slug") ?? provider.Slug,
            BaseUrl = Given(body, "base_url") ?? provider.BaseUrl,
            Enable = body.TryGetProperty("enable", out var enable) ? enable.GetBoolean() : provider.Enable,
            Beta = body.TryGetProperty("beta", out var beta) ? beta.GetBoolean() : provider.Beta,
            Description = Given(body, "description") ?? provider.Description,
            Link = Given(body, "link") ?? provider.Link,
            CurlExample = Given(body, "curl_example") ?? provider.CurlExample,
            JsExample = Given(body, "js_example") ?? provider.JsExample,
            HeadersText = headers,
            Headers = headers is null ? provider.Headers : ReadHeaders(headers)!,
            Position = body.TryGetProperty("position", out var position) ? position.GetDouble() : provider.Position,
        };
    }

    private static Shape Body(bool required) => ObjectOf(
    [
        new("name", Text(1), required),
        new("slug", Text(1, 64, SlugFormat()), required),
        new("base_url", BaseUrl, required),
        .. Optional,
    ]);

    private static string? Given(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    // Null when the text is no such object, or names or values could not stand in a request.
    private static Dictionary<string, string>? ReadHeaders(string text)
    {
        if (text.Length == 0)
            return [];
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var header in document.RootElement.EnumerateObject())
            {
                if (!NameFormat().IsMatch(header.Name) || header.Value.GetString() is not { } value || !ValueFormat().IsMatch(value) || !headers.TryAdd(header.Name, value))
                    return null;
            }
            return headers;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("^https://", RegexOptions.NonBacktracking)]
    private static partial Regex HttpsFormat();

    [GeneratedRegex("^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$", RegexOptions.NonBacktracking)]
    private static partial Regex SlugFormat();

    // RFC 9110, section 5.6.2: a token.
    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex NameFormat();

    [GeneratedRegex("^[\\t\\x20-\\x7e]*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex ValueFormat();
}
