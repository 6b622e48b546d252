using System.Globalization;
using System.Runtime.InteropServices;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>
/// What of a span is read, in whichever encoding it came. Attributes: Cloudflare contract, section 14, and the conventions for generative AI; metadata of the request stands among them under
/// its own names. A value: spans are many, and what is read of one is a row at once.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public struct SpanFacts()
{
    private string? _provider;
    private string? _providerName;
    private string? _messages;
    private string? _answers;

    /// <summary>Trace and span in hexadecimal: together the span's identity.</summary>
    public string TraceId { get; set; } = "";
    public string SpanId { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>Nanoseconds since 1970.</summary>
    public ulong Start { get; set; }
    public ulong End { get; set; }

    /// <summary>2: an error (STATUS_CODE_ERROR).</summary>
    public int Status { get; set; }
    public string? RequestId { get; private set; }
    public string? Model { get; private set; }
    public long? StatusCode { get; private set; }
    public long? TokensIn { get; private set; }
    public long? TokensOut { get; private set; }
    public decimal? Cost { get; private set; }
    public string? Prompt { get; private set; }
    public string? Completion { get; private set; }

    /// <summary>Whether an attribute of this name is read at all: most are not, and prompts are long.</summary>
    public static bool Wants(ReadOnlySpan<byte> name, bool bodies) =>
        name.SequenceEqual("request_id"u8) || name.SequenceEqual("gen_ai.request.model"u8) || name.SequenceEqual("gen_ai.model.provider"u8) || name.SequenceEqual("gen_ai.provider.name"u8)
        || name.SequenceEqual("gen_ai.usage.input_tokens"u8) || name.SequenceEqual("gen_ai.usage.output_tokens"u8) || name.SequenceEqual("gen_ai.usage.cost"u8)
        || name.SequenceEqual("http.response.status_code"u8)
        || (bodies && (name.SequenceEqual("gen_ai.prompt_json"u8) || name.SequenceEqual("gen_ai.completion_json"u8) || name.SequenceEqual("gen_ai.input.messages"u8) || name.SequenceEqual("gen_ai.output.messages"u8)));

    public void Set(ReadOnlySpan<byte> name, string value)
    {
        if (name.SequenceEqual("request_id"u8)) RequestId = value;
        else if (name.SequenceEqual("gen_ai.request.model"u8)) Model = value;
        else if (name.SequenceEqual("gen_ai.model.provider"u8)) _provider = value;
        else if (name.SequenceEqual("gen_ai.provider.name"u8)) _providerName = value;
        else if (name.SequenceEqual("gen_ai.prompt_json"u8)) Prompt = value;
        else if (name.SequenceEqual("gen_ai.completion_json"u8)) Completion = value;
        else if (name.SequenceEqual("gen_ai.input.messages"u8)) _messages = value;
        else if (name.SequenceEqual("gen_ai.output.messages"u8)) _answers = value;
        else if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) Set(name, number);
    }

    public void Set(ReadOnlySpan<byte> name, double value)
    {
        // Beyond it nobody counts tokens or dollars; NaN compares with nothing.
        if (!(value is >= 0 and < 1e15))
        {
            return;
        }

        if (name.SequenceEqual("gen_ai.usage.input_tokens"u8)) TokensIn = (long)value;
        else if (name.SequenceEqual("gen_ai.usage.output_tokens"u8)) TokensOut = (long)value;
        else if (name.SequenceEqual("gen_ai.usage.cost"u8)) Cost = (decimal)value;
        else if (name.SequenceEqual("http.response.status_code"u8) && value < 1000) StatusCode = (long)value;
        else if (name.SequenceEqual("request_id"u8)) RequestId = value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Null where it is no span of AI Gateway, or has no identity or time.</summary>
    public readonly Attempt? ToAttempt(string gateway, BodyRedaction? bodies)
    {
        const ulong mostNanoseconds = 10_000_000_000UL * 1_000_000_000; // the year 2286
        if (TraceId.Length != 32 || SpanId.Length != 16 || Start == 0 || Start > mostNanoseconds || (Model is null && Name != "cf.aig.request"))
        {
            return null;
        }

        var (requestId, number) = Attempt.Claim(RequestId);
        var (prompt, isPromptCut) = bodies?.Apply(Prompt ?? _messages) ?? default;
        var (completion, isCompletionCut) = bodies?.Apply(Completion ?? _answers) ?? default;
        return new Attempt
        {
            Gateway = gateway,
            Source = LogSources.Otlp,
            Id = $"{TraceId}{SpanId}",
            CreatedAt = DateTimeOffset.UnixEpoch.AddTicks((long)(Start / 100)),
            RequestId = requestId,
            Number = number,
            Provider = Attempt.Text(_provider ?? _providerName ?? ""),
            Model = Attempt.Text(Model ?? ""),
            StatusCode = (int?)StatusCode,
            Success = Status != 2,
            DurationMs = End > Start ? (End - Start) / 1e6 : 0,
            TokensIn = TokensIn,
            TokensOut = TokensOut,
            CostUsd = Cost,
            RequestBody = prompt,
            ResponseBody = completion,
            BodiesCut = isPromptCut || isCompletionCut,
        };
    }
}
