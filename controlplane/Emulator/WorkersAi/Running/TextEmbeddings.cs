using System.Text.Json;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.Simulation;
using GatewayOps.Emulator.WorkersAi.Catalogue;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>A run of an embedding model: `{shape,data}`; of one that takes a query with contexts, their scores.</summary>
public static class TextEmbeddings
{
    private const int MostTexts = 100;

    public static AiOutcome Run(AiInput input, bool namesPooling)
    {
        var (fields, model) = (input.Fields, input.Model);
        if (fields.Has("contexts", out _))
            return Contexts(fields, model, namesPooling);
        if (!fields.Has("text", out var text))
            throw fields.Missing("text");
        var texts = fields.TextOrTexts("text");
        if (texts.Count is 0 or > MostTexts)
            throw new RefusedException($"Length of '/text' must be {(texts.Count == 0 ? ">= 1" : $"<= {MostTexts}")} not met");
        return Vectors(texts, model, "data", namesPooling);
    }

    private static AiOutcome Contexts(Fields fields, AiModel model, bool namesPooling)
    {
        var contexts = fields.Objects("contexts").Select(context => context.RequiredText("text")).ToArray();
        if (contexts.Length == 0)
            throw fields.Words.Empty("/contexts");
        if (fields.Text("query") is not { } query)
            return Vectors(contexts, model, "response", namesPooling);
        var tokens = contexts.Append(query).Sum(text => SimulatedTokens.Count(text));
        return Done(model, tokens) with { Json = WireJson.Bytes((query, contexts), static (json, asked) => Scores(json, asked.query, asked.contexts)) };
    }

    /// <summary>Each context by its place, and how near it is to the query; the nearest first.</summary>
    public static void Scores(Utf8JsonWriter json, string query, IReadOnlyList<string> contexts)
    {
        json.WriteStartObject();
        json.WriteStartArray("response"u8);
        foreach (var (score, index) in contexts.Select((context, index) => (Score: SimulatedVector.Relevance(query, context), Index: index)).OrderByDescending(one => one.Score).ThenBy(one => one.Index))
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, index);
            json.WriteNumber("score"u8, score);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static AiOutcome Vectors(IReadOnlyList<string> texts, AiModel model, string member, bool namesPooling)
    {
        foreach (var text in texts)
        {
            if (text.Length == 0)
                throw new RefusedException("Length of '/text' must be >= 1 not met");
            if (text.Length > model.Window && SimulatedTokens.Count(text) is var count && count > model.Window)
                throw new AiFailedException(AiFailure.WindowExceeded(count, model.Window));
        }
        return Done(model, texts.Sum(text => SimulatedTokens.Count(text))) with
        {
            Json = WireJson.Bytes((texts, model, member, namesPooling), static (json, asked) =>
            {
                json.WriteStartObject();
                json.WriteStartArray("shape"u8);
                json.WriteNumberValue(asked.texts.Count);
                json.WriteNumberValue(asked.model.Dimensions);
                json.WriteEndArray();
                json.WriteStartArray(asked.member);
                foreach (var text in asked.texts)
                {
                    json.WriteStartArray();
                    foreach (var number in SimulatedVector.Of(text, asked.model.Dimensions))
                        json.WriteNumberValue(number);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                if (asked.namesPooling)
                    json.WriteString("pooling"u8, "mean"u8);
                json.WriteEndObject();
            }),
        };
    }

    private static AiOutcome Done(AiModel model, int tokens) => new(model.NeuronsFor(tokens, 0)) { Tokens = (tokens, 0) };
}
