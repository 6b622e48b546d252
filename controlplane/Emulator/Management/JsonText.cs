using System.Globalization;
using System.Text.Json;

namespace GatewayOps.Emulator.Management;

/// <summary>Reading and writing of JSON at the edge of the management API.</summary>
public static class JsonText
{
    // A body stands deeper in the answer that gives it back, and that ends at 64.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 56 };

    /// <summary>A request's body, or null when it is no JSON, names a member twice or carries a text that is no Unicode.</summary>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken);
            CheckTexts(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The same for a text, such as a query parameter.</summary>
    public static JsonElement? Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            CheckTexts(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The same for a text that is at hand.</summary>
    /// <exception cref="JsonException">It is no JSON, or names a member twice.</exception>
    /// <exception cref="InvalidOperationException">It carries a text that is no Unicode.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, Strict);
        CheckTexts(document.RootElement);
        return document.RootElement.Clone();
    }

    /// <summary>In words, with the line: the parser's own message also names what a caller cannot know.</summary>
    public static string WhatIsWrong(JsonException e)
    {
        var message = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.');
        return e.LineNumber is { } line ? $"line {line + 1}: {message}" : message;
    }

    /// <summary>A time as the API writes it: `2026-11-20T12:00:00.000Z`.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    // GetString and Name throw InvalidOperationException on invalid UTF-8 and lone surrogates, which parsing lets through.
    private static void CheckTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    CheckTexts(member.Value);
                }
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    CheckTexts(item);
                break;
            case JsonValueKind.String:
                _ = value.GetString();
                break;
        }
    }
}
