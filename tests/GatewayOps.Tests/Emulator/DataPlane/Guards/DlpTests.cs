using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.DataPlane.Guards;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

public sealed class DlpTests
{
    private const string Card = "4111 1111 1111 1111";

    [Fact]
    public async Task SimpleForm_Blocks_RequestWith2029AndTellsItInTheHeader()
    {
        await using var gateway = await TestGateway.StartAsync(new { dlp = new { enabled = true, action = "BLOCK", profiles = (string[])["p-1"] } });

        var refused = await gateway.ChatAsync($"My card is {Card}.");

        Assert.Equal((424, 2029), (refused.Status, refused.ErrorCode));
        Assert.Equal(0, await gateway.UpstreamRequestsAsync());
        Assert.Equal(
            """{"findings":[{"profile":{"context":{},"entry_ids":["credit_card"],"profile_id":"p-1"},"policy_ids":[],"check":"REQUEST"}],"action":"BLOCK"}""",
            refused.Headers["cf-aig-dlp"]);
        var clean = await gateway.ChatAsync("My card is 4111 1111 1111 1112.");
        Assert.Equal(200, clean.Status);
        Assert.False(clean.Headers.ContainsKey("cf-aig-dlp"));
        Assert.Equal(["BLOCK", null], gateway.Logs.Select(row => row.DlpAction));
    }

    [Fact]
    public async Task Policies_FlagAndBlock_EachOnItsSide()
    {
        await using var gateway = await TestGateway.StartAsync(new
        {
            dlp = new
            {
                enabled = true,
                policies = (object[])
                [
                    new { id = "see-mail", enabled = true, action = "FLAG", check = (string[])["REQUEST"], profiles = (string[])["mail"] },
                    new { id = "no-cards", enabled = true, action = "BLOCK", check = (string[])["RESPONSE"], profiles = (string[])["mail", "cards"] },
                    new { id = "off", enabled = false, action = "BLOCK", check = (string[])["REQUEST"], profiles = (string[])["mail", "cards"] },
                ],
            },
        });
        await gateway.Emulator.Admin.PutAsJsonAsync("guards/dlp", new
        {
            profiles = new Dictionary<string, object> { ["mail"] = new { address = "[a-z]+@example[.]com" }, ["cards"] = new { visa = "4111[ 0-9]+" } },
        });

        // Quietly: the provider's answer does not repeat what is only in a member that it does not echo.
        var flagged = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat("Hello", more: new { user = "alice@example.com" }));
        Assert.Equal(200, flagged.Status);
        var header = JsonSerializer.Deserialize<JsonElement>(flagged.Headers["cf-aig-dlp"]);
        Assert.Equal("FLAG", header.GetProperty("action").GetString());
        Assert.Equal("see-mail", Assert.Single(header.GetProperty("findings").EnumerateArray()).GetProperty("policy_ids")[0].GetString());

        var blocked = await gateway.ChatAsync($"alice@example.com pays with {Card}");
        Assert.Equal((424, 2030), (blocked.Status, blocked.ErrorCode));
        var findings = JsonSerializer.Deserialize<JsonElement>(blocked.Headers["cf-aig-dlp"]);
        Assert.Equal("BLOCK", findings.GetProperty("action").GetString());
        Assert.Equal(
            ["REQUEST mail address see-mail", "RESPONSE mail address no-cards", "RESPONSE cards visa no-cards"],
            findings.GetProperty("findings").EnumerateArray().Select(finding => string.Join(' ',
                finding.GetProperty("check"), finding.GetProperty("profile").GetProperty("profile_id"), finding.GetProperty("profile").GetProperty("entry_ids")[0], finding.GetProperty("policy_ids")[0])));

        var rows = (await gateway.Emulator.Management.GetAnswerAsync("ai-gateway/gateways/gw/logs?order_by=created_at&order_by_direction=asc")).Result;
        Assert.Equal(["FLAG", "BLOCK"], rows.EnumerateArray().Select(row => row.GetProperty("dlp_action").GetString()));
        Assert.Equal("mail", rows[1].GetProperty("dlp_profiles")[1].GetProperty("profile").GetProperty("profile_id").GetString());
        Assert.Single((await gateway.Emulator.Management.GetAnswerAsync("ai-gateway/gateways/gw/logs?filters=" + Uri.EscapeDataString("""[{"key":"dlp_action","operator":"eq","value":["BLOCK"]}]"""))).Result.EnumerateArray());
    }

    [Fact]
    public async Task Stream_ChecksOfTheResponse_HoldItAndReadTheWordsTogether()
    {
        await using var gateway = await TestGateway.StartAsync(new { dlp = Policy("BLOCK", "RESPONSE") });
        var streamed = new { stream = true };

        var clean = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat("Hello", more: streamed));
        Assert.StartsWith("text/event-stream", clean.Headers["content-type"], StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", clean.Text, StringComparison.Ordinal);
        var blocked = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat($"Repeat {Card}", more: streamed));
        Assert.Equal((424, 2030), (blocked.Status, blocked.ErrorCode));
        Assert.Equal(2, await gateway.UpstreamRequestsAsync());
        Assert.True(gateway.Logs[^1].Cost >= 0);
    }

    [Fact]
    public async Task Cache_KeepsWhatWasFlaggedAndNotWhatWasBlocked()
    {
        await using var flagging = await TestGateway.StartAsync(new { cache_ttl = 600, dlp = Policy("FLAG", "RESPONSE") });
        await using var blocking = await TestGateway.StartAsync(new { cache_ttl = 600, dlp = Policy("BLOCK", "RESPONSE") });
        foreach (var gateway in (TestGateway[])[flagging, blocking])
            await gateway.ChatAsync($"Repeat {Card}");

        Assert.Equal("HIT", (await flagging.ChatAsync($"Repeat {Card}")).CacheStatus);
        Assert.Equal(424, (await blocking.ChatAsync($"Repeat {Card}")).Status);
        Assert.Equal(2, await blocking.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Off_OrOtherAssumedStatus()
    {
        await using var off = await TestGateway.StartAsync(new { dlp = new { enabled = false, action = "BLOCK", profiles = (string[])["p-1"] } });
        await using var other = await TestGateway.StartAsync(
            new { dlp = Policy("BLOCK", "REQUEST") }, new EmulatorOptions { Assumptions = new Assumptions { DlpBlockStatus = 400 } });

        Assert.Equal(200, (await off.ChatAsync(Card)).Status);
        Assert.Equal((400, 2029), (await other.ChatAsync(Card)) is var refused ? (refused.Status, refused.ErrorCode) : default);
    }

    [Theory]
    [InlineData("""{"messages":[{"content":"a"},{"content":["b",{"text":"c"}]}],"n":1}""", "a\nb\nc\n")]
    [InlineData("plain text", "plain text")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"4111 11\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"11 1\"}}]}\n\ndata: [DONE]\n\n", "4111 1111 1")]
    [InlineData("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n", "Hi")]
    [InlineData("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Yo\"}\n\n", "Yo")]
    [InlineData("""{"broken":"a""", """{"broken":"a""")]
    public void ContentText_OfABody_IsWhatItSays(string body, string text) => Assert.Equal(text, ContentText.Of(Encoding.UTF8.GetBytes(body)));

    private static object Policy(string action, string check) =>
        new { enabled = true, policies = (object[])[new { id = "p", enabled = true, action, check = (string[])[check], profiles = (string[])["any"] }] };
}
