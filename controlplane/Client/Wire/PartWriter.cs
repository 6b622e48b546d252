using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>A part of a message that has several: text, pictures, sound, files. Source: OpenAI's chat completions, content parts.</summary>
internal static class PartWriter
{
    public static void Write(Utf8JsonWriter json, AIContent part)
    {
        json.WriteStartObject();
        switch (part)
        {
            case TextContent text:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, text.Text);
                break;
            case UriContent picture when picture.HasTopLevelMediaType("image"):
                Image(json, picture.Uri.AbsoluteUri, picture);
                break;
            case DataContent picture when picture.HasTopLevelMediaType("image"):
                Image(json, picture.Uri, picture);
                break;
            case DataContent sound when SoundFormat(sound.MediaType) is { } format:
                json.WriteString("type"u8, "input_audio"u8);
                json.WriteStartObject("input_audio"u8);
                json.WriteString("data"u8, sound.Base64Data.Span);
                json.WriteString("format"u8, format);
                json.WriteEndObject();
                break;
            case DataContent file:
                json.WriteString("type"u8, "file"u8);
                json.WriteStartObject("file"u8);
                json.WriteString("filename"u8, file.Name ?? "file");
                json.WriteString("file_data"u8, file.Uri);
                json.WriteEndObject();
                break;
            case HostedFileContent hosted:
                json.WriteString("type"u8, "file"u8);
                json.WriteStartObject("file"u8);
                json.WriteString("file_id"u8, hosted.FileId);
                json.WriteEndObject();
                break;
            default:
                throw new NotSupportedException($"A message to a chat completion cannot hold {part.GetType().Name}{(part is UriContent address ? $" of {address.MediaType}: give the bytes as DataContent" : "")}");
        }
        json.WriteEndObject();
    }

    private static void Image(Utf8JsonWriter json, string url, AIContent part)
    {
        json.WriteString("type"u8, "image_url"u8);
        json.WriteStartObject("image_url"u8);
        json.WriteString("url"u8, url);
        if (part.AdditionalProperties?.TryGetValue("detail", out var detail) == true && detail is string level) json.WriteString("detail"u8, level);
        json.WriteEndObject();
    }

    private static string? SoundFormat(string mediaType) => mediaType switch
    {
        "audio/wav" or "audio/x-wav" or "audio/wave" => "wav",
        "audio/mpeg" or "audio/mp3" => "mp3",
        _ => null,
    };
}
