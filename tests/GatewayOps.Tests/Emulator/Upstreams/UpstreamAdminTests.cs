using System.Net;
using System.Net.Http.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Emulator.DataPlane;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Upstreams;

public sealed class UpstreamAdminTests
{
    [Fact]
    public async Task Recorded_Requests_AreBoundedAndCanBeForgotten()
    {
        await using var gateway = await TestGateway.StartAsync();
        for (var i = 0; i < 205; i++)
            await gateway.ChatAsync($"number {i}");

        var seen = await gateway.Emulator.UpstreamAsync("openai");
        Assert.Equal(205, seen.GetProperty("requests").GetInt64());
        Assert.Equal(200, seen.GetProperty("recorded").GetArrayLength());
        var first = seen.GetProperty("recorded")[0];
        Assert.Contains("number 5\"", first.GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Equal(("POST", false), (first.GetProperty("method").GetString(), first.GetProperty("stream").GetBoolean()));

        using var deleted = await gateway.Emulator.Admin.DeleteAsync("upstreams/openai/recorded");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(0, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Fault_WithTimes_EndsByItself()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503, times = 2, body = "{\"mine\":true}" });

        Assert.Equal((503, "{\"mine\":true}"), await gateway.ChatAsync() is var bad ? (bad.Status, bad.Text) : default);
        Assert.Equal(503, (await gateway.ChatAsync()).Status);
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
    }

    [Fact]
    public async Task Fault_WithoutTimes_StaysUntilCleared()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });

        for (var i = 0; i < 3; i++)
            Assert.Equal(500, (await gateway.ChatAsync()).Status);
        Assert.Equal(200, (await gateway.PostAsync("groq/chat/completions", TestGateway.Chat())).Status);
        await gateway.Emulator.ClearUpstreamFaultAsync("openai");
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
    }

    [Theory]
    [InlineData("nobody", """{"status":503}""", HttpStatusCode.NotFound)]
    [InlineData("openai", """{"status":200}""", HttpStatusCode.BadRequest)]
    [InlineData("openai", """{"times":0}""", HttpStatusCode.BadRequest)]
    [InlineData("openai", """{"sttaus":503}""", HttpStatusCode.BadRequest)]
    [InlineData("openai", "{", HttpStatusCode.BadRequest)]
    [InlineData("openai", "null", HttpStatusCode.BadRequest)]
    public async Task Fault_Wrong_IsRefusedWithAReason(string provider, string body, HttpStatusCode status)
    {
        await using var emulator = await TestEmulator.StartAsync();

        using var response = await emulator.Admin.PutAsync($"upstreams/{provider}/fault", new StringContent(body));

        Assert.Equal(status, response.StatusCode);
        Assert.Contains("\"error\":", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_WithBaseUrl_IsForwardedToTheRealAddress()
    {
        // A second emulator stands for the real provider; its gateway path is the base URL.
        await using var real = await TestGateway.StartAsync();
        await using var gateway = await TestGateway.StartAsync(null, new EmulatorOptions
        {
            Upstreams = new Dictionary<string, Uri> { ["openai"] = new(real.Emulator.BaseUrl, real.Path + "openai") },
        });

        var plain = await gateway.ChatAsync("far away");
        var streamed = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat("far", more: new { stream = true, stream_options = new { include_usage = true } }));

        Assert.Equal("[openai/gpt-4o-mini] You said: far away", plain.Content);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        Assert.True(gateway.Logs[1].TokensOut > 0);
        Assert.Equal(2, await real.UpstreamRequestsAsync());
        Assert.Equal(2, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Provider_AtADeadAddress_2005()
    {
        await using var gateway = await TestGateway.StartAsync(null, new EmulatorOptions
        {
            Upstreams = new Dictionary<string, Uri> { ["openai"] = new("http://127.0.0.1:1/v1") },
        });

        Assert.Equal(2005, (await gateway.ChatAsync()).ErrorCode);
    }

    [Fact]
    public async Task Models_List_NamesModels()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Http.DefaultRequestHeaders.Add("Authorization", "Bearer k");

        var models = await gateway.Http.GetFromJsonAsync<System.Text.Json.JsonElement>("openai/models");

        Assert.Contains(models.GetProperty("data").EnumerateArray(), model => model.GetProperty("id").GetString() == "gpt-4o-mini");
    }
}
