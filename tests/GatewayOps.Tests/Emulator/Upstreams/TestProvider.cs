using System.Text;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Tests.Emulator.Upstreams;

/// <summary>One simulated provider, asked without a gateway or a socket between.</summary>
internal sealed class TestProvider
{
    public const string Key = "sk-test";

    private readonly SimulatedProvider _provider;

    public TestProvider(string slug, EmulatorOptions? options = null, IReadOnlyList<string>? keys = null)
    {
        Provider = GatewayProvider.Find(slug)!;
        _provider = new SimulatedProvider(ProviderDialects.Of(Provider), new ProviderKnowledge(slug, options ?? new EmulatorOptions(), Clock), keys);
    }

    public GatewayProvider Provider { get; }

    public EmulatorClock Clock { get; } = new();

    public Task<ProviderAnswer> PostAsync(string path, string body, params string[] headers) => SendAsync("POST", path, body, Key, headers);

    public Task<ProviderAnswer> GetAsync(string path) => SendAsync("GET", path, "", Key);

    /// <param name="path">Below the provider's prefix, its query behind it.</param>
    /// <param name="headers">`name: value`, beside the key in the provider's own header.</param>
    public async Task<ProviderAnswer> SendAsync(string method, string path, string body, string? key, params string[] headers)
    {
        var (address, query) = path.Split('?', 2) is [var left, var right] ? (left, "?" + right) : (path, "");
        var sent = headers.Select(header => header.Split(": ", 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1])).ToList();
        if (key is not null)
            sent.Add(ProviderKey.Header(Provider, key));
        var reply = await _provider.SendAsync(new UpstreamRequest(Provider, method, address, query, sent, Encoding.UTF8.GetBytes(body), Streamed: false), CancellationToken.None);
        var pieces = new List<byte[]>();
        await foreach (var piece in reply.Body)
            pieces.Add(piece.ToArray());
        return new ProviderAnswer(reply.Status, reply.ContentType ?? "", pieces, reply.Headers);
    }
}

internal sealed record ProviderAnswer(int Status, string ContentType, IReadOnlyList<byte[]> Pieces, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public byte[] Bytes { get; } = [.. Pieces.SelectMany(piece => piece)];

    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Bytes);

    /// <summary>The data of the events, in their order; `[DONE]` is left out.</summary>
    public IReadOnlyList<JsonElement> Events => [.. Data().Where(data => data != "[DONE]").Select(data => JsonSerializer.Deserialize<JsonElement>(data))];

    /// <summary>The names of the events: of their `event:` line.</summary>
    public IReadOnlyList<string> EventNames => [.. Lines().Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..])];

    public IEnumerable<string> Data() => Lines().Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..]);

    private string[] Lines() => Text.ReplaceLineEndings("\n").Split('\n');
}

internal static class JsonPaths
{
    /// <summary>`choices.0.message.content`: names and indexes.</summary>
    public static JsonElement At(this JsonElement json, string path)
    {
        foreach (var step in path.Split('.'))
            json = json.ValueKind == JsonValueKind.Array ? json[int.Parse(step)] : json.GetProperty(step);
        return json;
    }

    public static string? TextAt(this JsonElement json, string path) => json.At(path).GetString();

    public static long NumberAt(this JsonElement json, string path) => json.At(path).GetInt64();

    public static bool Has(this JsonElement json, string member) => json.TryGetProperty(member, out _);
}
