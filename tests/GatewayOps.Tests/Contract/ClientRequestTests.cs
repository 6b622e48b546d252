using System.Text.Json;

namespace GatewayOps.Tests.Contract;

/// <summary>What our client sends for every operation: a request that the document allows, and the one that the caller meant.</summary>
public sealed class ClientRequestTests
{
    // Ours alone; no caller of the client says them.
    private static readonly string[] Paging = ["page", "per_page"];

    public static TheoryData<string> Members => [.. ClientCalls.All.Select(call => $"{call.Operation} {call.Member}")];

    [Fact]
    public void Calls_AreThereForEveryOperation() =>
        Assert.Equal(OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id), ClientCalls.All.Select(call => call.Operation).Distinct());

    [Theory]
    [MemberData(nameof(Members))]
    public async Task Request_FitsTheDocument_AndIsTheSample(string member)
    {
        var call = ClientCalls.All.Single(one => $"{one.Operation} {one.Member}" == member);
        var sent = await SentRequest.OfAsync(call);

        var found = OpenApiDocument.Cloudflare.Find(sent.Method, sent.Path);
        Assert.Equal(call.Operation, found?.Operation.Id);
        Assert.Empty(found!.Operation.RequestViolations(found, sent.Query, sent.ContentType, sent.Bytes));

        var sample = SampleRequest.For(call.Operation);
        Assert.Equal(sample.Path(), sent.Path);
        Assert.Equal(Text(sample.Query.Where(pair => !IsLeftOut(call, pair.Key))), Text(sent.Query.Where(pair => !Paging.Contains(pair.Key))));
        Assert.True(sample.Body is { } meant ? sent.Body is { } body && JsonElement.DeepEquals(meant, body) : sent.Body is null, $"sent {sent.Body}\nmeant {sample.Body}");
    }

    [Fact]
    public void NotOffered_AreMembersOfSamples() => Assert.All(ClientCalls.NotOffered.Keys, entry =>
        Assert.Contains(entry.Split(' ')[1], SampleRequest.For(entry.Split(' ')[0]).Query.Select(pair => pair.Key)));

    private static bool IsLeftOut(ClientCall call, string parameter) =>
        ClientCalls.NotOffered.ContainsKey($"{call.Operation} {parameter}") && !call.Member.EndsWith(".SummariseAsync", StringComparison.Ordinal);

    private static IEnumerable<string> Text(IEnumerable<KeyValuePair<string, string>> query) => query.Select(pair => $"{pair.Key}={Compact(pair)}").Order(StringComparer.Ordinal);

    // The same JSON whatever its spaces.
    private static string Compact(KeyValuePair<string, string> pair) => pair.Key == "filters" ? JsonSerializer.Serialize(JsonElement.Parse(pair.Value)) : pair.Value;
}
