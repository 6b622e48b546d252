using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Access;

public sealed class AuditTests
{
    [Fact]
    public async Task Audit_Pages_AreNewestFirstCompleteAndForOperators()
    {
        await using var service = await TestService.StartAsync();
        var applier = service.NewClient(TestService.ApplyToken);
        string[] names = ["a", "b", "c", "d", "e"];
        foreach (var name in names)
        {
            using var content = new StringContent("""{"settings":{"cache_ttl":60}}""", new MediaTypeHeaderValue("application/json"));
            using var added = await applier.PostAsync($"/api/v1/content?name={name}", content);
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        }

        var rows = new List<JsonElement>();
        string? next = null;
        do
        {
            var page = await service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/audit?limit=2{(next is null ? "" : $"&cursor={next}")}");
            rows.AddRange(page.GetProperty("audit").EnumerateArray());
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(["e@1", "d@1", "c@1", "b@1", "a@1"], rows.Select(row => row.GetProperty("target").GetString()));
        Assert.All(rows, row => Assert.Equal(("applier", "content.add", "ok"), (Text(row, "actor"), Text(row, "action"), Text(row, "result"))));
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Anonymous.GetAsync("/api/v1/audit")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Operator.GetAsync("/api/v1/audit?cursor=b3RoZXI")).StatusCode);
    }

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
}
