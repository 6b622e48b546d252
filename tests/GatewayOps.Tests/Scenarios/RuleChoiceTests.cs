using GatewayOps.Tests.Proxy;

namespace GatewayOps.Tests.Scenarios;

/// <summary>Which rule of an executed document meets an application's requests, read from the request records.</summary>
public sealed class RuleChoiceTests
{
    private const string Document = """
        { "rules": [
            { "name": "everything", "pattern": "/**" },
            { "name": "chat", "pattern": "/chat/completions" },
            { "name": "team-b", "pattern": "/chat/completions", "match": { "metadata": { "team": "b" } } },
            { "name": "team-b-staging", "pattern": "/chat/completions", "match": { "metadata": { "team": "b", "stage": "st*" } } },
            { "name": "batch", "pattern": "/chat/completions", "match": { "header": { "x-app": "batch-*" }, "metadata": { "urgent": "false" }, "model": "gpt-*" } },
            { "name": "anthropic", "pattern": "/chat/completions", "match": { "provider": "anthropic", "model": "claude-*", "key": "*" } } ] }
        """;

    [Fact]
    public async Task Rules_ByMetadataHeaderModelAndKey_MeetTheirRequests()
    {
        await using var world = await ExecutedWorld.StartAsync(Document);
        (string Rule, string? Metadata, string? App, string Model)[] requests =
        [
            ("chat", null, null, "gpt-4o-mini"),
            ("chat", """{"team":"a"}""", null, "gpt-4o-mini"),
            ("team-b", """{"team":"b","stage":"prod"}""", null, "gpt-4o-mini"),
            ("team-b-staging", """{"team":"b","stage":"staging"}""", null, "gpt-4o-mini"),
            ("batch", """{"team":"b","urgent":false}""", "batch-7", "gpt-4o-mini"),
            ("team-b", """{"team":"b","urgent":true}""", "batch-7", "gpt-4o-mini"),
            ("chat", "not json", "batch-7", "gpt-4o-mini"),
            // Its rule asks for a virtual key, which this caller does not have.
            ("chat", null, null, "claude-3-haiku"),
        ];

        var asked = new List<(string Id, string Rule)>();
        foreach (var (rule, metadata, app, model) in requests)
        {
            (string, string?)[] headers = [("cf-aig-metadata", metadata), ("x-app", app)];
            var answer = await Answer.PostAsync(
                world.Service.Caller, ProxyStage.Chat(more: new { model }), headers: [.. headers.Where(header => header.Item2 is not null).Select(header => (header.Item1, header.Item2!))]);
            asked.Add((answer["x-request-id"]!, rule));
        }

        IReadOnlyDictionary<string, string?> recorded = new Dictionary<string, string?>();
        await world.Service.EventuallyAsync(
            async () =>
            {
                recorded = (await world.GetAsync("requests"))["requests"]!.AsArray().ToDictionary(record => record!["requestId"]!.GetValue<string>(), record => record!["rule"]?.GetValue<string>());
                return recorded.Count == requests.Length;
            },
            "the request records");
        Assert.Equal(asked.Select(request => request.Rule), asked.Select(request => recorded[request.Id]));
    }
}
