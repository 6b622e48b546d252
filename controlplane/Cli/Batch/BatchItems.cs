using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Batch;

/// <summary>Makes a <see cref="BatchItem"/> of a line, or says what is wrong with it.</summary>
public static partial class BatchItems
{
    private const int LongestId = 512;

    // A name that stands twice would be one of two, by chance.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    // What the text of a request may be called: the second is that of the data sets of S4-02.
    private static readonly string[] PromptNames = ["prompt", "question"];
    private static readonly string[] IdNames = ["id", "custom_id"];
    private static readonly string[] Roles = ["system", "developer", "user", "assistant"];

    /// <summary>The item, or the fault in words that follow the name of the line: `is not JSON: …`.</summary>
    public static (BatchItem? Item, string? Fault) Read(in RawItem raw, int index)
    {
        if (raw.IsTooLong)
        {
            return (null, $"is longer than {LineReader.Longest / 1024 / 1024} MiB");
        }

        try
        {
            using var document = JsonDocument.Parse(raw.Text, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (Item(raw, index, document.RootElement), null)
                : throw new FormatException($"is a JSON {Kind(document.RootElement)}, and not an object");
        }
        catch (JsonException e)
        {
            return (null, $"is not JSON: {Plain(e)}");
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
        catch (InvalidOperationException)
        {
            // Shows only when a text is read: bytes that are no UTF-8, or half of a surrogate pair.
            return (null, "holds text that is no valid UTF-8 or half a character");
        }
    }

    /// <summary>What a parser says, without places in a text that the reader does not see so.</summary>
    public static string Plain(JsonException e) => Place().Replace(e.Message, "").TrimEnd('.', ' ');

    private static BatchItem Item(in RawItem raw, int index, JsonElement root)
    {
        // OpenAI's batches have the request in `body`.
        var body = root.TryGetProperty("body", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
        var id = Id(root) ?? JsonSerializer.SerializeToElement(raw.Number);
        var messages = Messages(body);
        if (Text(body, "system") is { } system)
        {
            messages.Insert(0, new ChatMessage(ChatRole.System, system));
        }

        return new BatchItem(index, raw.Name, id, messages)
        {
            Model = Text(body, "model"),
            Temperature = Number(body, "temperature") switch { null => null, >= 0 and <= 2 and var given => (float)given, _ => throw new FormatException("has a `temperature` that is not 0 to 2") },
            MaxTokens = Number(body, "max_tokens") switch { null => null, >= 1 and <= int.MaxValue and var most when most == Math.Floor(most) => (int)most, _ => throw new FormatException("has a `max_tokens` that is no whole number of 1 or more") },
            Metadata = root.TryGetProperty("metadata", out var metadata) ? metadata.Clone() : default,
        };
    }

    private static JsonElement? Id(JsonElement root)
    {
        foreach (var name in IdNames)
        {
            if (root.TryGetProperty(name, out var id) && id.ValueKind != JsonValueKind.Null)
            {
                return id.ValueKind is JsonValueKind.String or JsonValueKind.Number && id.ToString().Length is > 0 and <= LongestId
                    ? id.Clone()
                    : throw new FormatException($"has an `{name}` that is no number and no text of 1 to {LongestId} characters");
            }
        }

        return null;
    }

    private static List<ChatMessage> Messages(JsonElement body)
    {
        var prompts = PromptNames.Select(name => Text(body, name)).OfType<string>().ToList();
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind == JsonValueKind.Null)
        {
            return prompts switch
            {
                [] => throw new FormatException("has no `prompt`, no `question` and no `messages`"),
                [{ } prompt] when !string.IsNullOrWhiteSpace(prompt) => [new ChatMessage(ChatRole.User, prompt)],
                [_] => throw new FormatException("has an empty prompt"),
                _ => throw new FormatException("has a `prompt` and a `question`: which one is meant?"),
            };
        }

        if (prompts.Count > 0)
        {
            throw new FormatException($"has a prompt and `messages`: which one is meant?");
        }

        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw new FormatException("has `messages` that are no list, or an empty one");
        }

        var said = messages.EnumerateArray().Select(Message).ToList();
        return said[^1].Role == ChatRole.User ? said : throw new FormatException("has `messages` that do not end with one of the user");
    }

    private static ChatMessage Message(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || Text(message, "role") is not { } role || !Roles.Contains(role))
        {
            throw new FormatException($"has a message whose `role` is none of {string.Join(", ", Roles)}");
        }

        return new ChatMessage(new ChatRole(role), message.TryGetProperty("content", out var content) ? Contents(content) : throw new FormatException("has a message without `content`"));
    }

    private static List<AIContent> Contents(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => [new TextContent(content.GetString())],
        JsonValueKind.Array => [.. content.EnumerateArray().Select(Part)],
        _ => throw new FormatException("has a message whose `content` is neither text nor a list of parts"),
    };

    private static AIContent Part(JsonElement part)
    {
        var type = part.ValueKind == JsonValueKind.Object ? Text(part, "type") : null;
        if (type == "text" && Text(part, "text") is { } text)
        {
            return new TextContent(text);
        }

        if (type == "image_url" && part.TryGetProperty("image_url", out var image) && image.ValueKind == JsonValueKind.Object && Text(image, "url") is { } url)
        {
            return url.StartsWith("data:", StringComparison.Ordinal) ? Data(url)
                : Uri.TryCreate(url, UriKind.Absolute, out var address) ? new UriContent(address, "image/*")
                : throw new FormatException("has an `image_url` that is no address");
        }

        throw new FormatException("has a part of a message that is neither `text` nor `image_url`");
    }

    private static DataContent Data(string url)
    {
        try
        {
            return new DataContent(url);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new FormatException("has an `image_url` whose data: is none", e);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FormatException($"has a `{name}` that is no text");

    private static double? Number(JsonElement element, string name) =>
        !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number
        : throw new FormatException($"has a `{name}` that is no number");

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        _ => element.GetRawText(),
    };

    [GeneratedRegex(@"\s*(Path: [^|]*\|\s*)?LineNumber: \d+ \| BytePositionInLine: \d+\.?")]
    private static partial Regex Place();
}
