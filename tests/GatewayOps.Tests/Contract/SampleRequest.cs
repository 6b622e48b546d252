using System.Text.Json;

namespace GatewayOps.Tests.Contract;

/// <summary>One request per operation, the same for the emulator, our client and the official SDK: sample-requests.json has the queries and bodies.</summary>
internal sealed record SampleRequest(ApiOperation Operation, IReadOnlyList<KeyValuePair<string, string>> Query, JsonElement? Body)
{
    private static readonly JsonElement Given = JsonElement.Parse(File.ReadAllBytes(System.IO.Path.Combine(AppContext.BaseDirectory, "Contract", "sample-requests.json")));

    private static readonly Dictionary<string, string> Ids = new()
    {
        ["account_id"] = "acc",
        ["gateway_id"] = "gw",
        ["provider"] = "openai",
        ["id"] = "id-1",
        ["log_id"] = "log-1",
        ["route_id"] = "route-1",
        ["version_id"] = "version-1",
        ["policy_id"] = "policy-1",
        ["store_id"] = "store-1",
        ["secret_id"] = "secret-1",
        ["token_id"] = "token-1",
    };

    public static IReadOnlyList<SampleRequest> All { get; } = [.. OpenApiDocument.Cloudflare.Operations.Select(Of)];

    /// <summary>Operations that the file speaks of.</summary>
    public static IEnumerable<string> Named => Given.EnumerateObject().Select(operation => operation.Name);

    public static SampleRequest For(string operation) => All.Single(sample => sample.Operation.Id == operation);

    /// <summary>Below `/client/v4`.</summary>
    /// <param name="ids">Path parameters that are not those of the samples.</param>
    public string Path(IReadOnlyDictionary<string, string>? ids = null) => string.Join('/', Operation.Template.Split('/').Select(segment =>
        !segment.StartsWith('{') ? segment : Uri.EscapeDataString(ids?.GetValueOrDefault(segment[1..^1]) ?? Ids[segment[1..^1]])));

    /// <summary>`?` and the query as it goes over the wire, or nothing.</summary>
    public string QueryText => Query.Count == 0 ? "" : $"?{string.Join('&', Query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"))}";

    public override string ToString() => Operation.Id;

    private static SampleRequest Of(ApiOperation operation)
    {
        if (!Given.TryGetProperty(operation.Id, out var sample))
            return new(operation, [], null);
        var query = sample.TryGetProperty("query", out var members) ? members.EnumerateObject().SelectMany(Texts).ToList() : [];
        return new(operation, query, sample.TryGetProperty("body", out var body) ? body : null);
    }

    // A list of texts repeats its key; `filters` goes as JSON.
    private static IEnumerable<KeyValuePair<string, string>> Texts(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Array when member.Name != "filters" => member.Value.EnumerateArray().Select(item => KeyValuePair.Create(member.Name, item.GetString()!)),
        JsonValueKind.String => [KeyValuePair.Create(member.Name, member.Value.GetString()!)],
        _ => [KeyValuePair.Create(member.Name, member.Value.GetRawText())],
    };
}
