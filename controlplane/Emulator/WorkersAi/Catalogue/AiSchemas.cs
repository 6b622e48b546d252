using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>JSON Schemas of what a task takes and answers: those members that the emulator reads and writes.</summary>
public static class AiSchemas
{
    public static JsonNode Input(AiModel model)
    {
        var task = model.Task;
        if (task == AiTask.TextGeneration)
        {
            var common = """
                "stream":{"type":"boolean","default":false},"max_tokens":{"type":"integer","default":256},"temperature":{"type":"number","minimum":0,"maximum":5},
                "top_p":{"type":"number","minimum":0,"maximum":2},"top_k":{"type":"integer","minimum":1,"maximum":50},"seed":{"type":"integer","minimum":1,"maximum":9999999999},
                "repetition_penalty":{"type":"number","minimum":0,"maximum":2},"frequency_penalty":{"type":"number","minimum":-2,"maximum":2},
                "presence_penalty":{"type":"number","minimum":-2,"maximum":2},"raw":{"type":"boolean"},"lora":{"type":"string"},
                "response_format":{"type":"object","properties":{"type":{"type":"string","enum":["json_object","json_schema"]},"json_schema":{}}}
                """;
            return Parse($$"""
                {"type":"object","description":"Input of a text generation model","additionalProperties":true,"oneOf":[
                 {"title":"Prompt","properties":{"prompt":{"type":"string","minLength":1},{{common}}},"required":["prompt"]},
                 {"title":"Messages","properties":{"messages":{"type":"array","items":{"type":"object","properties":{"role":{"type":"string"},"content":{} },"required":["role","content"]} },
                  "tools":{"type":"array","items":{"type":"object"} },"functions":{"type":"array","items":{"type":"object"} },{{common}}},"required":["messages"]}]}
                """);
        }
        return Object(task.Name, task switch
        {
            _ when task == AiTask.TextEmbeddings => """{"text":{"oneOf":[{"type":"string","minLength":1},{"type":"array","items":{"type":"string"},"maxItems":100}]}}""",
            _ when task == AiTask.Translation => """{"text":{"type":"string"},"source_lang":{"type":"string","default":"en"},"target_lang":{"type":"string"}}""",
            _ when task == AiTask.Summarization => """{"input_text":{"type":"string","minLength":1},"max_length":{"type":"integer","default":1024}}""",
            _ when task == AiTask.TextToImage => """{"prompt":{"type":"string","minLength":1},"num_steps":{"type":"integer","maximum":20},"seed":{"type":"integer"}}""",
            _ when task == AiTask.TextToSpeech => """{"text":{"type":"string"},"prompt":{"type":"string"},"lang":{"type":"string","default":"en"}}""",
            _ when task == AiTask.SpeechRecognition => """{"audio":{"oneOf":[{"type":"array","items":{"type":"number"}},{"type":"string"}]}}""",
            _ when task == AiTask.TextClassification => """{"text":{"type":"string","minLength":1}}""",
            _ => """{"image":{"oneOf":[{"type":"array","items":{"type":"number"}},{"type":"string"}]},"prompt":{"type":"string"}}""",
        });
    }

    public static JsonNode Output(AiModel model)
    {
        var task = model.Task;
        return Object(task.Name, task switch
        {
            _ when task == AiTask.TextGeneration && model.IsOpenAiShaped => """{"id":{"type":"string"},"object":{"const":"chat.completion"},"choices":{"type":"array"},"usage":{"type":"object"}}""",
            _ when task == AiTask.TextGeneration => """{"response":{"type":"string"},"usage":{"type":"object"},"tool_calls":{"type":"array"}}""",
            _ when task == AiTask.TextEmbeddings => """{"shape":{"type":"array","items":{"type":"number"}},"data":{"type":"array","items":{"type":"array","items":{"type":"number"}}}}""",
            _ when task == AiTask.Translation => """{"translated_text":{"type":"string"}}""",
            _ when task == AiTask.Summarization => """{"summary":{"type":"string"}}""",
            _ when task == AiTask.SpeechRecognition => """{"text":{"type":"string"},"word_count":{"type":"number"},"words":{"type":"array"},"vtt":{"type":"string"}}""",
            _ when task == AiTask.ImageToText => """{"description":{"type":"string"}}""",
            _ => "{}",
        });
    }

    private static JsonNode Object(string description, string properties) => new JsonObject
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = true,
        ["properties"] = Parse(properties),
    };

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
