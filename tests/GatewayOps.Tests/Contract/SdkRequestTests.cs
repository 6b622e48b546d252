using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>
/// For the same inputs our client sends what the official SDK (npm `cloudflare`) sent when its requests were recorded: client and emulator cannot share
/// a misreading of the contract that the SDK does not have. The interop tests record sdk-requests.json anew and compare.
/// </summary>
public sealed class SdkRequestTests
{
    // Our lists ask for pages of a size of their own; a caller of the SDK leaves both to Cloudflare.
    private static readonly string[] Paging = ["page", "per_page"];

    /// <summary>Where both differ on purpose: `operation place`, and why.</summary>
    private static readonly Dictionary<string, string> Differences = new(ClientCalls.NotOffered.ToDictionary(entry => entry.Key.Replace(" ", " query ", StringComparison.Ordinal), entry => entry.Value))
    {
        ["rollAccountToken body"] = "the contract asks for an empty object (section 10), the SDK sends nothing",
        ["rollUserToken body"] = "the contract asks for an empty object (section 10), the SDK sends nothing",
    };

    private static readonly Dictionary<string, JsonElement> Recorded =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contract", "sdk-requests.json")))
            .EnumerateArray().ToDictionary(request => request.GetProperty("operation").GetString()!);

    /// <summary>What the SDK does not have: the beta of policies, and two calls that only documents and other clients know (contract sections 4 and 7).</summary>
    private static readonly string[] NotInTheSdk =
    [
        "deleteProviderConfig", "patchCustomProvider",
        "listPolicies", "createPolicy", "getPolicy", "updatePolicy", "deletePolicy", "commitPolicies", "simulatePolicies",
    ];

    public static TheoryData<string> Operations => [.. Recorded.Keys];

    [Fact]
    public void Record_HasEveryOperationOfTheSdk() =>
        Assert.Equal(OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id).Except(NotInTheSdk), Recorded.Keys);

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Client_SendsWhatTheSdkSends(string operation)
    {
        var sdk = Recorded[operation];
        var sent = await SentRequest.OfAsync(ClientCalls.All.Last(call => call.Operation == operation && (operation != "createSecrets" || call.Member == "Secrets.CreateSecretsAsync")));

        Assert.Equal((sdk.GetProperty("method").GetString(), sdk.GetProperty("path").GetString()), (sent.Method, sent.Path));
        var found = Different(operation, "query", Query(Pairs(sdk)), Query(sent.Query.Where(pair => !Paging.Contains(pair.Key))))
            .Concat(Different(operation, "body", Members(sdk.GetProperty("body")), Members(sent.Body ?? JsonElement.Parse("null"))));
        Assert.Equal(Differences.Keys.Where(difference => difference.StartsWith($"{operation} ", StringComparison.Ordinal) && difference != "listLogs query meta_info"), found);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Sdk_SendsWhatTheDocumentAllows(string operation)
    {
        var sdk = Recorded[operation];
        var call = OpenApiDocument.Cloudflare.Find(sdk.GetProperty("method").GetString()!, sdk.GetProperty("path").GetString()!)!;
        Assert.Equal(operation, call.Operation.Id);
        var body = sdk.GetProperty("body");
        Assert.Empty(call.Operation.RequestViolations(call, Pairs(sdk), "application/json", body.ValueKind == JsonValueKind.Null ? [] : Encoding.UTF8.GetBytes(body.GetRawText())));
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement sdk) =>
        sdk.GetProperty("query").EnumerateArray().Select(pair => KeyValuePair.Create(pair[0].GetString()!, pair[1].GetString()!));

    // Both forms of filters are one (contract section 1.5); of repeated keys the order counts.
    private static Dictionary<string, string> Query(IEnumerable<KeyValuePair<string, string>> query)
    {
        var filters = new JsonArray();
        var other = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in query)
        {
            if (name == "filters")
                filters = JsonNode.Parse(value)!.AsArray();
            else if (name == "filters.key")
                filters.Add(new JsonObject { ["key"] = value, ["operator"] = "", ["value"] = new JsonArray() });
            else if (name == "filters.operator")
                filters[^1]!["operator"] = value;
            else if (name == "filters.value")
                filters[^1]!["value"]!.AsArray().Add(value);
            else
                other.Add(KeyValuePair.Create(name, value));
        }
        if (filters.Count > 0)
            other.Add(KeyValuePair.Create("filters", filters.ToJsonString()));
        return other.GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => string.Join('&', group.Select(pair => pair.Value)));
    }

    // Member by member where there are any, so that a difference has a name.
    private static Dictionary<string, string> Members(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Object => body.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Canonical(member.Value))).Append(KeyValuePair.Create("", "an object")).ToDictionary(),
        _ => new() { [""] = Canonical(body) },
    };

    // Members in the order of their names: JSON has none.
    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"\"{member.Name}\":{Canonical(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.Number => value.GetDecimal().ToString("G29"),
        _ => JsonSerializer.Serialize(value),
    };

    private static IEnumerable<string> Different(string operation, string part, Dictionary<string, string> sdk, Dictionary<string, string> ours) =>
        sdk.Keys.Union(ours.Keys).Where(name => sdk.GetValueOrDefault(name) != ours.GetValueOrDefault(name)).Select(name => $"{operation} {part} {name}".TrimEnd());
}
