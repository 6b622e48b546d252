using System.Text.Json;
using System.Text.Unicode;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Proxy.Dialects;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Reads a body strictly: UTF-8, no duplicate member at any depth, depth 64, the documented bounds of its dialect. A body that two parsers could
/// understand differently is refused here, because the provider's parser is not ours. Unknown members are not looked at.
/// </summary>
public static class RequestReader
{
    private const int MaxModelLength = 256;
    private const int MaxProviderLength = 64;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>The request, or the fault of the first thing that is wrong with it. What <paramref name="address"/> names the body does not.</summary>
    public static (ProxyRequest? Request, OpenAiError? Fault) Read(ReadOnlyMemory<byte> body, Dialect dialect, CloudflareAddress? address = null)
    {
        var (document, fault) = Parse(body);
        if (document is null)
        {
            return (null, fault);
        }

        (var request, fault) = Read(document, body, dialect, address);
        if (request is null)
        {
            document.Dispose();
        }

        return (request, fault);
    }

    /// <summary>The body as an object, or what two parsers could read differently in it.</summary>
    public static (JsonDocument? Document, OpenAiError? Fault) Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return (null, OpenAiError.Invalid("invalid_json", "The request body is not UTF-8."));
        }

        try
        {
            var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                return (document, null);
            }

            document.Dispose();
            return (null, OpenAiError.Invalid("invalid_type", "The request body must be a JSON object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, OpenAiError.Invalid("invalid_json", Explain(e, body)));
        }
    }

    private static (ProxyRequest? Request, OpenAiError? Fault) Read(JsonDocument document, ReadOnlyMemory<byte> body, Dialect dialect, CloudflareAddress? address)
    {
        var root = document.RootElement;
        string? model = address?.Model, provider = address?.Provider?.Slug;
        bool stream = false, wantsUsage = false;
        var fault = dialect.Bounds.Check(root)
            ?? (dialect.NamesModel ? Text(root, "model", MaxModelLength, out model) : null)
            // An object is OpenRouter's own member, and what stands at a provider's own address is the provider's.
            ?? (provider is null && !(root.TryGetProperty("provider", out var own) && own.ValueKind is JsonValueKind.Object) ? Text(root, "provider", MaxProviderLength, out provider) : null)
            ?? (dialect.Streams ? Flag(root, "stream", "stream", out stream) : null)
            ?? (dialect.HasUsageOption ? StreamOptions(root, out wantsUsage) : null);
        return fault is not null
            ? (null, fault)
            : (new ProxyRequest(dialect, document, new BodyEdits(body, root)) { Model = model, Provider = provider, Stream = stream, WantsStreamUsage = wantsUsage }, null);
    }

    private static OpenAiError? Text(JsonElement root, string name, int maxLength, out string? value)
    {
        value = null;
        if (!root.TryGetProperty(name, out var element) || element.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind is not JsonValueKind.String)
        {
            return OpenAiError.Invalid("invalid_type", $"{name} must be a string.", name);
        }

        try
        {
            value = element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return OpenAiError.Invalid("invalid_value", $"{name} holds half of a surrogate pair.", name);
        }

        return value.Length == 0 || value.Length > maxLength || HasControl(value)
            ? OpenAiError.Invalid("invalid_value", $"{name} must be 1 to {maxLength} characters without control characters.", name)
            : null;
    }

    private static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }

    private static OpenAiError? Flag(JsonElement parent, string name, string param, out bool value)
    {
        value = false;
        if (!parent.TryGetProperty(name, out var element) || element.ValueKind is JsonValueKind.Null or JsonValueKind.False)
        {
            return null;
        }

        value = element.ValueKind is JsonValueKind.True;
        return value ? null : OpenAiError.Invalid("invalid_type", $"{param} must be true or false.", param);
    }

    private static OpenAiError? StreamOptions(JsonElement root, out bool wantsUsage)
    {
        wantsUsage = false;
        if (!root.TryGetProperty("stream_options", out var options) || options.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        return options.ValueKind is JsonValueKind.Object
            ? Flag(options, "include_usage", "stream_options.include_usage", out wantsUsage)
            : OpenAiError.Invalid("invalid_type", "stream_options must be an object.", "stream_options");
    }

    // The parser's own words may quote the body; the position never does.
    private static string Explain(Exception exception, ReadOnlyMemory<byte> body)
    {
        if (exception is not JsonException { LineNumber: { } line, BytePositionInLine: { } column })
        {
            return exception is JsonException ? "The request body names a member twice." : "The request body names a member with half of a surrogate pair.";
        }

        if (IsWellFormed(body))
        {
            return "The request body names a member twice.";
        }

        return $"The request body is not valid JSON at line {line + 1}, byte {column + 1}, or is nested deeper than 64 levels.";
    }

    private static bool IsWellFormed(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var _ = JsonDocument.Parse(body, Strict with { AllowDuplicateProperties = true });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
