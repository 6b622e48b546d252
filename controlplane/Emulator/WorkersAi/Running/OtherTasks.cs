using System.Text.Json;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>Runs of the models that neither chat nor embed: each small, each as its schema says.</summary>
public static class OtherTasks
{
    /// <summary>Sentiment, or the scores of a reranker.</summary>
    public static AiOutcome Classify(AiInput input)
    {
        var fields = input.Fields;
        if (input.Model.Name.Contains("rerank", StringComparison.Ordinal))
        {
            var query = fields.RequiredText("query");
            var contexts = fields.Objects("contexts").Select(context => context.RequiredText("text")).ToArray();
            return Json(input, query.Length, (query, contexts), static (json, asked) => TextEmbeddings.Scores(json, asked.query, asked.contexts));
        }
        var text = fields.RequiredText("text");
        // Good where the text says so: deterministic, and both labels can be had.
        var positive = new[] { "good", "great", "love", "nice", "happy" }.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) ? 0.98 : 0.12;
        return Json(input, text.Length, positive, static (json, positive) =>
        {
            json.WriteStartArray();
            Label(json, "NEGATIVE", Math.Round(1 - positive, 2));
            Label(json, "POSITIVE", positive);
            json.WriteEndArray();
        });
    }

    public static AiOutcome Translate(AiInput input)
    {
        var fields = input.Fields;
        var text = fields.RequiredText("text");
        var target = fields.RequiredText("target_lang");
        return Json(input, text.Length, (text, target), static (json, asked) =>
        {
            json.WriteStartObject();
            json.WriteString("translated_text"u8, $"[{asked.target}] {asked.text}");
            json.WriteEndObject();
        });
    }

    public static AiOutcome Summarise(AiInput input)
    {
        var text = input.Fields.RequiredText("input_text");
        var most = input.Fields.Whole("max_length", least: 1) ?? 1024;
        return Json(input, text.Length, text[..SimulatedTokens.LengthOf(text, Math.Min(most, 20))], static (json, summary) =>
        {
            json.WriteStartObject();
            json.WriteString("summary"u8, summary);
            json.WriteEndObject();
        });
    }

    public static AiOutcome Transcribe(AiInput input)
    {
        var length = input.MediaLength("audio");
        if (length == 0)
            throw input.Json?.Missing("audio") ?? (Exception)new AiFailedException(AiFailure.Incomplete("body"));
        return Json(input, 0, SimulatedMedia.Heard(length), static (json, text) =>
        {
            var words = text.TrimEnd('.').Split(' ');
            json.WriteStartObject();
            json.WriteString("text"u8, text);
            json.WriteNumber("word_count"u8, words.Length);
            json.WriteString("vtt"u8, $"WEBVTT\n\n00:00.000 --> 00:0{Math.Min(9, words.Length / 4 + 1)}.000\n{text}\n");
            json.WriteStartArray("words"u8);
            for (var at = 0; at < words.Length; at++)
            {
                json.WriteStartObject();
                json.WriteString("word"u8, words[at]);
                json.WriteNumber("start"u8, at * 0.25);
                json.WriteNumber("end"u8, at * 0.25 + 0.25);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Bytes without an envelope; MeloTTS alone answers base64 in JSON.</summary>
    public static AiOutcome Speak(AiInput input)
    {
        var text = input.Fields.Text("text") ?? input.Fields.RequiredText("prompt");
        return input.Model.Name.EndsWith("melotts", StringComparison.Ordinal)
            ? Json(input, text.Length, text, static (json, text) =>
            {
                json.WriteStartObject();
                json.WriteBase64String("audio"u8, SimulatedMedia.Wav(text));
                json.WriteEndObject();
            })
            : Bytes(input, "audio/mpeg", SimulatedMedia.Mp3(text));
    }

    /// <summary>Bytes without an envelope; FLUX answers base64 in JSON.</summary>
    public static AiOutcome Paint(AiInput input)
    {
        var prompt = input.Fields.RequiredText("prompt");
        if (prompt.Length == 0)
            throw input.Fields.Words.Empty("/prompt");
        input.Fields.Whole("num_steps", 1, 20);
        input.Fields.Whole("steps", 1, 8);
        input.MediaLength("image_b64");
        var png = SimulatedMedia.Png(input.Digest);
        return input.Model.Author == "black-forest-labs"
            ? Json(input, prompt.Length, png, static (json, png) =>
            {
                json.WriteStartObject();
                json.WriteBase64String("image"u8, png);
                json.WriteEndObject();
            })
            : Bytes(input, "image/png", png);
    }

    public static AiOutcome ClassifyImage(AiInput input)
    {
        RequireImage(input);
        return Json(input, 0, 0, static (json, _) =>
        {
            json.WriteStartArray();
            Label(json, "TABBY CAT", 0.91);
            Label(json, "TIGER CAT", 0.05);
            json.WriteEndArray();
        });
    }

    public static AiOutcome Detect(AiInput input)
    {
        RequireImage(input);
        return Json(input, 0, 0, static (json, _) =>
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteString("label"u8, "cat"u8);
            json.WriteNumber("score"u8, 0.97);
            json.WriteStartObject("box"u8);
            json.WriteNumber("xmin"u8, 10);
            json.WriteNumber("ymin"u8, 12);
            json.WriteNumber("xmax"u8, 200);
            json.WriteNumber("ymax"u8, 180);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    public static AiOutcome Describe(AiInput input)
    {
        var bytes = RequireImage(input);
        return Json(input, 0, $"An image of {bytes} bytes.", static (json, text) =>
        {
            json.WriteStartObject();
            json.WriteString("description"u8, text);
            json.WriteEndObject();
        });
    }

    private static int RequireImage(AiInput input)
    {
        var length = input.MediaLength("image");
        return length > 0 ? length : throw input.Json?.Missing("image") ?? (Exception)new AiFailedException(AiFailure.Incomplete("body"));
    }

    private static void Label(Utf8JsonWriter json, string label, double score)
    {
        json.WriteStartObject();
        json.WriteString("label"u8, label);
        json.WriteNumber("score"u8, score);
        json.WriteEndObject();
    }

    private static AiOutcome Json<T>(AiInput input, int characters, T state, Action<Utf8JsonWriter, T> write) =>
        new(input.Model.NeuronsFor(characters / 4, 0)) { Json = WireJson.Bytes(state, write), Tokens = (characters / 4, 0) };

    private static AiOutcome Bytes(AiInput input, string contentType, byte[] bytes) =>
        new(input.Model.NeuronsFor(0, 0)) { Bytes = bytes, ContentType = contentType };
}
