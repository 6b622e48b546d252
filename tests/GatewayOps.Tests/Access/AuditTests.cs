using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Access;

public sealed class AuditTests
{
    // What only a superuser can do: triggers off for the session, and with them chain and append-only.
    private const string WithoutTriggers = "set session_replication_role = replica;";

    [Fact]
    public async Task Audit_Pages_AreNewestFirstCompleteAndForOperators()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "a", "b", "c", "d", "e");

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

    [Theory]
    [InlineData("action=content.add", 2)]
    [InlineData("action=content.*", 3)]
    [InlineData("action=content", 0)]
    [InlineData("target=team-a*", 2)]
    [InlineData("target=team-a@1", 2)]
    [InlineData("target=%25", 0)]
    [InlineData("actor=applier&action=content.*&target=team-b*", 1)]
    [InlineData("actor=nobody", 0)]
    public async Task Audit_Filters_AreExactOrBeginnings(string query, int expected)
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "team-a", "team-b");
        using var remove = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/content/team-a") { Headers = { { "If-Match", "*" } } };
        (await service.Operator.SendAsync(remove)).EnsureSuccessStatusCode();

        var page = await service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/audit?{query}");

        Assert.Equal(expected, page.GetProperty("audit").GetArrayLength());
    }

    [Fact]
    public async Task Audit_FilterWithNul_Is400()
    {
        await using var service = await TestService.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await service.Operator.GetAsync("/api/v1/audit?actor=a%00b")).StatusCode);
    }

    [Fact]
    public async Task Verify_EmptyAndWrittenChain_IsWhole()
    {
        await using var service = await TestService.StartAsync();
        var empty = await VerifyAsync(service);
        // Texts whose length in bytes is not their length, and values that would run into each other without lengths.
        await AppendAsync(service.Database, new("content.add", "äöü€𝄞") { BeforeHash = "1:2", AfterHash = "" }, new("content.add", "") { Result = "" });
        await AddAsync(service, "a");

        var whole = await VerifyAsync(service);

        Assert.Equal("""{"rows":0,"verified":0,"unchained":0,"headHash":null,"firstBroken":null}""", empty.GetRawText());
        Assert.Equal((3, 3, 0, JsonValueKind.Null), (Number(whole, "rows"), Number(whole, "verified"), Number(whole, "unchained"), whole.GetProperty("firstBroken").ValueKind));
        Assert.Equal(await service.Database.QueryAsync<string>("select hash from audit where sequence = 3"), [Text(whole, "headHash")!]);
    }

    [Theory]
    [InlineData("update audit set actor = 'somebody' where sequence = 3", 3, "changed", 2)]
    [InlineData("update audit set at = at + interval '1 microsecond' where sequence = 1", 1, "changed", 0)]
    [InlineData("update audit set after_hash = null where sequence = 5", 5, "changed", 4)]
    [InlineData("update audit set at = 'infinity' where sequence = 2", 2, "changed", 1)]
    [InlineData("delete from audit where sequence = 2", 3, "missing", 1)]
    [InlineData("delete from audit where sequence = 1", 2, "missing", 0)]
    [InlineData("delete from audit where sequence = 2; update audit set sequence = sequence - 1 where sequence > 2", 2, "relinked", 1)]
    [InlineData("update audit set sequence = null where sequence = 5", 4, "unchained", 4)]
    [InlineData("insert into audit (at, actor, action, target, request_id, result) values (now(), 'x', 'x', 'x', 'x', 'ok')", 5, "unchained", 5)]
    public async Task Verify_TamperedBySuperuser_NamesTheFirstRow(string tamper, int sequence, string reason, int verified)
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "a", "b", "c", "d", "e");
        await service.Database.ExecuteAsync($"{WithoutTriggers} {tamper}; reset session_replication_role");

        var answer = await VerifyAsync(service);

        Assert.Equal((sequence, reason), (Number(answer.GetProperty("firstBroken"), "sequence"), Text(answer.GetProperty("firstBroken"), "reason")));
        Assert.Equal(verified, Number(answer, "verified"));
    }

    [Fact]
    public async Task Verify_ARowAndItsHashWrittenAnew_BreaksTheNextLink()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "a", "b", "c");
        await using (var db = await service.Database.Contexts.CreateDbContextAsync())
        {
            var row = await db.Audit.AsNoTracking().SingleAsync(row => row.Sequence == 2);
            var forged = new AuditRow { At = row.At, Actor = "somebody", Action = row.Action, Target = row.Target, RequestId = row.RequestId, Result = row.Result, AfterHash = row.AfterHash, Sequence = 2, PreviousHash = row.PreviousHash };
            await service.Database.ExecuteAsync($"{WithoutTriggers} update audit set actor = 'somebody', hash = '{AuditChain.HashOf(forged)}' where sequence = 2; reset session_replication_role");
        }

        var answer = await VerifyAsync(service);

        Assert.Equal((3, "relinked"), (Number(answer.GetProperty("firstBroken"), "sequence"), Text(answer.GetProperty("firstBroken"), "reason")));
    }

    [Fact]
    public async Task Verify_RowsFromBeforeTheChain_AreCountedApart()
    {
        await using var service = await TestService.StartAsync();
        await service.Database.ExecuteAsync($"{WithoutTriggers} insert into audit (at, actor, action, target, request_id, result) select now(), 'x', 'x', 'x', 'x', 'ok' from generate_series(1, 3); reset session_replication_role");
        await AddAsync(service, "a", "b");

        var answer = await VerifyAsync(service);

        Assert.Equal((2, 2, 3, JsonValueKind.Null), (Number(answer, "rows"), Number(answer, "verified"), Number(answer, "unchained"), answer.GetProperty("firstBroken").ValueKind));
    }

    [Theory]
    [InlineData("update audit set actor = 'x'")]
    [InlineData("update audit set hash = null, sequence = null")]
    [InlineData("delete from audit")]
    [InlineData("truncate audit")]
    public async Task Rows_AreNeverChangedOrRemoved(string statement)
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "a");

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => service.Database.ExecuteAsync(statement));

        Assert.Contains("never changed", refused.Message);
    }

    /// <summary>Transactions that append before they lock, and such that lock before they append: removals, activations, additions and appends at once.</summary>
    [Fact]
    public async Task Chain_Of200ParallelChanges_HasNoGapAndNoDeadlock()
    {
        await using var service = await TestService.StartAsync();
        string[] names = ["a", "b", "c", "d"];
        foreach (var name in names)
        {
            await service.AddAsync(name, """{"settings":{"cache_ttl":60}}""");
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var name = names[i % names.Length];
            switch (i % 5)
            {
                case 0:
                    await service.AddAsync(name, $$$"""{"settings":{"cache_ttl":{{{i + 100}}}}}""");
                    break;
                case 1:
                    await service.ActivateAsync($"gateway-{i % 3}", name, 1);
                    break;
                case 2:
                    using (var remove = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/content/{name}") { Headers = { { "If-Match", "*" } } })
                    using (var removed = await service.Operator.SendAsync(remove))
                    {
                        Assert.True(removed.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotFound, await removed.Content.ReadAsStringAsync());
                    }

                    break;
                default:
                    await AppendAsync(service.Database, new("reconcile", "all"), new("reconcile", "all"));
                    break;
            }
        }));

        var answer = await VerifyAsync(service);
        Assert.True(Number(answer, "rows") > 240, answer.GetRawText());
        Assert.Equal((Number(answer, "rows"), JsonValueKind.Null), (Number(answer, "verified"), answer.GetProperty("firstBroken").ValueKind));
        Assert.Equal([0L], await service.Database.QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"));
    }

    [Fact]
    public async Task Rows_AreCountedOnceTheyAreCommitted()
    {
        await using var service = await TestService.StartAsync();
        await AddAsync(service, "a", "b");
        await service.ActivateAsync("prod", "a", 1);
        await service.ActivateAsync("prod", "a", 1);
        await using (var db = await service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            AuditLog.Append(db, Actor.Service, new("content.add", "rolled back"), TimeProvider.System.GetUtcNow());
            await db.SaveChangesAsync();
        }

        await using (var db = await service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync())
        {
            AuditLog.Append(db, Actor.Service, new("no.such.action", "x") { Result = "strange" }, TimeProvider.System.GetUtcNow());
            await db.SaveChangesAsync();
        }

        var samples = PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_audit_events_total"].Samples
            .Where(sample => sample.Value > 0).Select(sample => $"{sample.Labels["action"]} {sample.Labels["result"]} {sample.Value}");
        Assert.Equal(["_other _other 1", "content.activate ok 1", "content.activate unchanged 1", "content.add ok 2"], samples.Order(StringComparer.Ordinal));
    }

    private static async Task AddAsync(TestService service, params string[] names)
    {
        var applier = service.NewClient(TestService.ApplyToken);
        foreach (var name in names)
        {
            using var content = new StringContent("""{"settings":{"cache_ttl":60}}""", new MediaTypeHeaderValue("application/json"));
            using var added = await applier.PostAsync($"/api/v1/content?name={name}", content);
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        }
    }

    private static async Task AppendAsync(TestDatabase database, params AuditEntry[] entries)
    {
        await using var db = await database.Contexts.CreateDbContextAsync();
        foreach (var entry in entries)
        {
            AuditLog.Append(db, Actor.Service, entry, TimeProvider.System.GetUtcNow());
        }

        await db.SaveChangesAsync();
    }

    private static Task<JsonElement> VerifyAsync(TestService service) => service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/audit/verify");

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();
}
