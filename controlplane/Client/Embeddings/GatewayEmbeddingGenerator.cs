using System.Buffers;
using System.ClientModel.Primitives;
using System.Text.Json;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Telemetry;
using GatewayOps.Client.Wire;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Client;

/// <summary>
/// Vectors of texts through a gateway, at the provider's own address: the gateway's unified one has chat alone. The model is <see cref="GatewayClientOptions.EmbeddingModel"/>, else
/// <see cref="GatewayClientOptions.Model"/>. Thread-safe. Source: Cloudflare contract, section 11.
/// </summary>
public sealed class GatewayEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly GatewayClientOptions _options;
    private readonly GatewayCall _call;
    private readonly OpenAI.Embeddings.EmbeddingClient _embeddings;
    private readonly Uri _endpoint;
    private readonly HttpClient? _own;

    /// <summary>Checks the options, and sends nothing. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="options">Which gateway and model.</param>
    /// <param name="http">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="time">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="logger">As of <see cref="GatewayChatClient"/>.</param>
    public GatewayEmbeddingGenerator(GatewayClientOptions options, HttpClient? http = null, TimeProvider? time = null, ILogger<GatewayEmbeddingGenerator>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.Demand(options);
        _options = options;
        _endpoint = Address.OfEmbeddings(options);
        _call = new GatewayCall(options, time ?? TimeProvider.System, logger ?? NullLogger<GatewayEmbeddingGenerator>.Instance);
        _own = http is null ? GatewayWire.NewHttp() : null;
        var model = Address.EmbeddingModel(options, null);
        _embeddings = new OpenAI.Embeddings.EmbeddingClient(model, GatewayWire.Credential(options.GatewayToken), GatewayWire.Options(_endpoint, http ?? _own!, options.GatewayToken));
        Metadata = new EmbeddingGeneratorMetadata(options.Slug, _endpoint, model);
    }

    /// <summary>Provider, address and model.</summary>
    public EmbeddingGeneratorMetadata Metadata { get; }

    /// <inheritdoc />
    /// <remarks>One vector for each text, in their order. No texts, no request. Throws <see cref="GatewayException"/>.</remarks>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = values.ToList();
        if (texts.Count == 0) return [];
        var model = Address.EmbeddingModel(_options, options?.ModelId);
        using var operating = ClientTelemetry.Start("embeddings", _options.Slug, model, _endpoint, _call.Time);
        var vectors = await operating.WatchAsync(AskAsync(texts, model, options, cancellationToken));
        operating.SucceedEmbedding(vectors.Usage?.InputTokenCount);
        return vectors;
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Closes connections.</summary>
    public void Dispose() => _own?.Dispose();

    private async ValueTask<GeneratedEmbeddings<Embedding<float>>> AskAsync(List<string> texts, string model, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        using var response = await _call.SendAsync(_embeddings.GenerateEmbeddingsAsync, Body(texts, model, options), model, cancellationToken);
        return Read(response, model, texts.Count);
    }

    private static BinaryData Body(List<string> texts, string model, EmbeddingGenerationOptions? options)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("input"u8);
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
            // Said, because others have other defaults.
            json.WriteString("encoding_format"u8, "float"u8);
            if (options?.Dimensions is { } dimensions) json.WriteNumber("dimensions"u8, dimensions);
            json.WriteEndObject();
        }
        return new BinaryData(buffer.WrittenMemory);
    }

    private GeneratedEmbeddings<Embedding<float>> Read(PipelineResponse response, string model, int count)
    {
        var requestId = AnswerHeaders.Of(response).RequestId;
        GatewayException Wrong(string what, Exception? inner = null) =>
            new($"The answer is no list of {count} vectors: {what}. It begins: {ShownText.Head(response.Content.ToMemory().Span, _call.Secret, 200)}", new GatewayFailure(response.Status, null, requestId), inner);
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var root = document.RootElement;
            var data = root.MemberOf("data");
            if (data.ValueKind != JsonValueKind.Array || data.GetArrayLength() != count) throw Wrong("it has another number of them");
            var vectors = new Embedding<float>?[count];
            var place = 0;
            foreach (var item in data.EnumerateArray())
            {
                var index = item.NumberOf("index") ?? place;
                if (index < 0 || index >= count || vectors[index] is not null || item.MemberOf("embedding") is not { ValueKind: JsonValueKind.Array } numbers) throw Wrong("one has no place or no numbers");
                vectors[index] = new Embedding<float>(numbers.EnumerateArray().Select(number => number.GetSingle()).ToArray()) { ModelId = root.StringOf("model") ?? model };
                place++;
            }
            return new([.. vectors!]) { Usage = UsageReader.Read(root.MemberOf("usage")), AdditionalProperties = requestId is null ? null : new() { [GatewayUsage.RequestIdProperty] = requestId } };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Wrong("it is not JSON of that shape", e);
        }
    }
}
