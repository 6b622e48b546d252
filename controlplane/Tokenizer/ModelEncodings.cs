namespace GatewayOps.Tokenizer;

/// <summary>Which encoding counts the tokens of a model. <paramref name="IsExact"/>: the model reads its text by it; otherwise the nearest of the two that were measured.</summary>
public sealed record ModelEncoding(string Encoding, bool IsExact)
{
    /// <summary>What an answer says about its count: `o200k_base`, or `estimate:o200k_base`.</summary>
    public string Method { get; } = IsExact ? Encoding : $"estimate:{Encoding}";
}

/// <summary>The encoding of each model name. Source of the exact ones: tiktoken's table of models; of the estimates: the errors in the guide models-and-tokens.md.</summary>
public static class ModelEncodings
{
    private const string Cl100k = "cl100k_base";
    private const string O200k = "o200k_base";

    // By the beginning of a name; the first row that fits. gpt-oss has o200k_base with other special tokens, which ordinary text does not contain.
    private static readonly (string Prefix, ModelEncoding Encoding)[] Rows =
    [
        .. Exact(O200k, "gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-oss", "chatgpt-", "o1", "o3", "o4"),
        .. Exact(Cl100k, "gpt-4", "gpt-3.5", "gpt-35-turbo", "text-embedding-3-", "text-embedding-ada-002"),
        .. Estimates(Cl100k, "claude", "llama-3", "llama3", "llama-2", "llama2", "codellama", "tinyllama"),
    ];

    /// <summary>For the families of large, many-tongued vocabularies (Gemini, Llama 4, Mistral, Qwen, DeepSeek, Command) and for names that nobody knows.</summary>
    public static ModelEncoding Unknown { get; } = new(O200k, IsExact: false);

    /// <summary>
    /// By the model's own name: what stands before the last slash (`openai/`, `@cf/meta/`) and `ft:` before a fine-tuned model are not looked at.
    /// </summary>
    public static ModelEncoding Of(ReadOnlySpan<char> model)
    {
        var name = model[(model.LastIndexOf('/') + 1)..];
        if (name.StartsWith("ft:", StringComparison.Ordinal))
            name = name[3..];
        foreach (var (prefix, encoding) in Rows)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return encoding;
        }

        return Unknown;
    }

    private static IEnumerable<(string, ModelEncoding)> Exact(string encoding, params string[] prefixes) => With(new ModelEncoding(encoding, IsExact: true), prefixes);

    private static IEnumerable<(string, ModelEncoding)> Estimates(string encoding, params string[] prefixes) => With(new ModelEncoding(encoding, IsExact: false), prefixes);

    private static IEnumerable<(string, ModelEncoding)> With(ModelEncoding encoding, string[] prefixes) => prefixes.Select(prefix => (prefix, encoding));
}
