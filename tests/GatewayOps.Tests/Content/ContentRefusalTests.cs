using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

/// <summary>What is refused, or only looked at: one service serves all of these, and nothing is ever stored in it.</summary>
public sealed class ContentRefusalTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = shared.Service;

    private HttpClient Operator => _service.Operator;

    [Theory]
    [InlineData("{}", "", "name_missing", "/name")]
    [InlineData("{}", "?name=Prod", "name_invalid", "/name")]
    [InlineData("{}", "?name=a%00b", "name_invalid", "/name")]
    [InlineData("""{"rulez":[]}""", "?name=x", "unknown_field", "/rulez")]
    [InlineData("""{"rules":{}}""", "?name=x", "wrong_type", "/rules")]
    [InlineData("""{"rules":[{"pattern":"/a"},{"pattern":"/a"}]}""", "?name=x", "rules_tie", "/rules/1")]
    [InlineData("""{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":5}}]}""", "?name=x", "out_of_range", "/rules/0/cache/ttl")]
    [InlineData("""{"providers":[{"name":"opnai","priority":1}]}""", "?name=x", "unknown_provider", "/providers/0/name")]
    [InlineData("""{"settings":{"cache_ttl":60,"cache_ttl":70}}""", "?name=x", "duplicate_key", "/settings/cache_ttl")]
    public async Task Add_BadDocument_IsRefusedWithAPointerAndNothingIsStored(string document, string query, string code, string pointer)
    {
        var (status, answer) = await AddAsync(document, query);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var errors = answer.GetProperty("errors").EnumerateArray().ToList();
        var problemCode = answer.GetProperty("type").GetString()!.Split(':')[^1];
        Assert.Contains(errors, e => e.GetProperty("pointer").GetString() == pointer && (problemCode == code || e.GetProperty("code").GetString() == code));
        Assert.Empty(await _service.Database.QueryAsync<string>("select name from rule_sets"));
        Assert.Empty(await _service.Database.QueryAsync<string>("select action from audit"));
    }

    [Theory]
    [InlineData("{\"name\":")]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task Add_NotJson_Is400(string text)
    {
        var (status, answer) = await AddAsync(text, "?name=x");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("urn:gatewayops:problem:invalid_json", answer.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Add_BrokenUtf8_IsRefusedNotCrashed()
    {
        using var content = Body([.. "{\"name\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        using var response = await Operator.PostAsync("/api/v1/content", content);

        Assert.InRange((int)response.StatusCode, 400, 422);
    }

    [Fact]
    public async Task Add_MoreThanFourMebibytes_Is413NamingTheLimit()
    {
        var (status, answer) = await AddAsync(new string(' ', (4 * 1024 * 1024) + 1), "?name=x");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("4194304", answer.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Add_OtherContentType_Is415()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var response = await Operator.PostAsync("/api/v1/content?name=x", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=x")]
    [InlineData("cursor=%21")]
    [InlineData("cursor=AA")]
    public async Task List_BadPage_Is400(string query)
    {
        using var response = await Operator.GetAsync($"/api/v1/content?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Validate_GoodDocument_SaysWhereEachSettingIsEnforcedAndStoresNothing()
    {
        using var content = Body(Encoding.UTF8.GetBytes("""{"rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":300}}],"settings":{"cache_ttl":60}}"""));
        using var response = await Operator.PostAsync("/api/v1/content/validate", content);

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(answer.GetProperty("valid").GetBoolean());
        Assert.Equal(64, answer.GetProperty("hash").GetString()!.Length);
        Assert.Contains(answer.GetProperty("enforcements").EnumerateArray(), e =>
            e.GetProperty("pointer").GetString() == "/settings/cache_ttl" && e.GetProperty("point").GetString() == "gateway_setting");
        Assert.Empty(await _service.Database.QueryAsync<string>("select name from rule_sets"));
    }

    private Task<(HttpStatusCode Status, JsonElement Answer)> AddAsync(string document, string query) => ContentTests.AddAsync(Operator, document, query);

    private static ByteArrayContent Body(byte[] bytes) => ContentTests.Body(bytes);
}
