using System.Text.Json;
using GatewayOps.Tokenizer;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>
/// POST /v1/tokenize {input, model?}: how many tokens a text has, or the texts of messages. What a provider adds around messages (three or four tokens each) is not counted.
/// </summary>
public sealed class TokenizeEndpoint : IDisposable
{
    /// <summary>Bytes of the body. Four million are about a million tokens of English.</summary>
    public const int MostBytes = 4 << 20;

    // Chosen text takes a third of a second a megabyte: of large ones one at a time, so that callers cannot keep all processors busy with them.
    private const int Large = 256 << 10;

    private const int MaxModelLength = 256;
    private const string NoModel = "unknown";

    private readonly SemaphoreSlim _large = new(1);

    public async Task HandleAsync(HttpContext context)
    {
        var (texts, model) = (new List<string>(), NoModel);
        var (body, fault) = await RequestBody.ReadJsonAsync(context, MostBytes);
        fault ??= Read(body, texts, ref model);
        if (fault is not null)
        {
            await fault.WriteAsync(context.Response, context.RequestAborted);
            return;
        }

        var count = await CountAsync(model, texts, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new Counted(count.Tokens, model, count.Method), context.RequestAborted);
    }

    public void Dispose() => _large.Dispose();

    private async Task<TokenCount> CountAsync(string model, List<string> texts, CancellationToken cancellationToken)
    {
        var isLarge = texts.Sum(text => (long)text.Length) > Large;
        if (isLarge)
        {
            await _large.WaitAsync(cancellationToken);
        }

        try
        {
            var counts = texts.Select(text => TokenCounter.Count(model, text)).ToList();
            return counts[0] with { Tokens = counts.Sum(count => count.Tokens) };
        }
        finally
        {
            if (isLarge)
            {
                _large.Release();
            }
        }
    }

    private static OpenAiError? Read(ReadOnlyMemory<byte> body, List<string> texts, ref string model)
    {
        var (document, fault) = RequestReader.Parse(body);
        using var _ = document;
        try
        {
            return fault ?? Read(document!.RootElement, texts, ref model);
        }
        catch (InvalidOperationException)
        {
            return OpenAiError.Invalid("invalid_value", "The text holds half of a surrogate pair.", "input");
        }
    }

    private static OpenAiError? Read(JsonElement root, List<string> texts, ref string model)
    {
        if (root.TryGetProperty("model", out var named) && named.ValueKind is not JsonValueKind.Null)
        {
            if (named.ValueKind is not JsonValueKind.String || named.GetString() is not { Length: > 0 and <= MaxModelLength } name || name.Any(char.IsControl))
            {
                return OpenAiError.Invalid("invalid_value", $"model must be 1 to {MaxModelLength} characters without control characters.", "model");
            }

            model = name;
        }

        if (!root.TryGetProperty("input", out var input) || !TryCollect(input, texts))
        {
            return input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
                ? OpenAiError.Invalid("missing_required_parameter", "Input text is required", "input")
                : OpenAiError.Invalid("invalid_type", "input must be a text, an array of texts, or an array of messages {role, content}.", "input");
        }

        return texts.TrueForAll(text => text.Length == 0) ? OpenAiError.Invalid("missing_required_parameter", "Input text is required", "input") : null;
    }

    // A text, or a list of texts and messages; of a message its text, whole or in parts.
    private static bool TryCollect(JsonElement input, List<string> texts)
    {
        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(input.GetString()!);
                return true;
            case JsonValueKind.Array:
                return input.EnumerateArray().All(item => TryCollect(item, texts));
            case JsonValueKind.Object when input.TryGetProperty("content", out var content):
                return content.ValueKind is JsonValueKind.Null || TryCollect(content, texts);
            case JsonValueKind.Object when input.TryGetProperty("text", out var text):
                return text.ValueKind is JsonValueKind.String && TryCollect(text, texts);
            default:
                return input.ValueKind is JsonValueKind.Object && input.TryGetProperty("type", out _); // an image or the like has no text
        }
    }

    private sealed record Counted(long Tokens, string Model, string Method);
}
