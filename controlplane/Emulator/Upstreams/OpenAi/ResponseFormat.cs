using System.Text.Json;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>In what form the answer is wanted: a schema, any JSON object, or text.</summary>
public sealed record ResponseFormat(JsonElement? Schema, bool JsonObject)
{
    public static readonly ResponseFormat Text = new(null, JsonObject: false);

    private static readonly string[] Types = ["json_object", "json_schema", "text"];

    /// <summary>Member `response_format` of chat completions.</summary>
    public static ResponseFormat Read(Fields body)
    {
        if (body.Object("response_format") is not { } format)
            return Text;
        return (format.OneOf("type", Types) ?? throw format.Missing("type")) switch
        {
            "json_object" => new ResponseFormat(null, JsonObject: true),
            "json_schema" => OfSchema(format.RequiredObject("json_schema"), format.Path),
            _ => Text,
        };
    }

    /// <summary>Member `text.format` of Responses, where name and schema stand beside the type.</summary>
    public static ResponseFormat ReadFlat(Fields format) => (format.OneOf("type", Types) ?? throw format.Missing("type")) switch
    {
        "json_object" => new ResponseFormat(null, JsonObject: true),
        "json_schema" => OfSchema(format, format.Path),
        _ => Text,
    };

    private static ResponseFormat OfSchema(Fields named, string param)
    {
        named.RequiredText("name");
        var schema = named.RequiredObject("schema").Value;
        // Strict mode demands it, and many a client forgets it.
        if (named.Flag("strict") == true && IsOpenObject(schema))
        {
            throw new RefusedException(
                $"Invalid schema for response_format '{named.Text("name")}': In context=(), 'additionalProperties' is required to be supplied and to be false.",
                param, "invalid_json_schema");
        }
        return new ResponseFormat(schema, JsonObject: false);
    }

    private static bool IsOpenObject(JsonElement schema) =>
        schema.TryGetProperty("type", out var type) && type.ValueEquals("object")
        && !(schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False);
}
