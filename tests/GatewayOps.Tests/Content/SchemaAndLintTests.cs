using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

public sealed class SchemaAndLintTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async Task InitializeAsync() => _service = await TestService.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task GetSchema_WithoutAToken_IsTheSchemaAndTheTagSavesTheSecondRead()
    {
        using var first = await _service.Anonymous.GetAsync(new Uri(RuleSetSchema.Path, UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, RuleSetSchema.Path) { Headers = { { "If-None-Match", first.Headers.ETag!.Tag } } };
        using var second = await _service.Anonymous.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, RuleSetSchema.MediaType), (first.StatusCode, first.Content.Headers.ContentType!.MediaType));
        Assert.Equal(RuleSetSchema.Text, await first.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.NotModified, ""), (second.StatusCode, await second.Content.ReadAsStringAsync()));
        Assert.Equal("*", Assert.Single(first.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task PostLint_AValidDocument_GivesWhatTheLibraryFinds()
    {
        const string document = """{"fallback":{"enabled":true},"providers":[{"name":"openai","priority":1}]}""";
        using var reader = _service.NewClient(TestService.ReadToken);

        using var answer = await reader.PostAsync(new Uri("/api/v1/content/lint", UriKind.Relative), new StringContent(document, null, "application/json"));
        var findings = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("findings").EnumerateArray().ToList();

        Assert.Equal(RuleSetLint.Of(Rules.Documents.Valid(document)).Select(finding => finding.Code), findings.Select(finding => finding.GetProperty("code").GetString()));
        var fallback = findings.Single(finding => finding.GetProperty("code").GetString() == "fallback_without_alternative");
        Assert.Equal(("warning", "/fallback/enabled"), (fallback.GetProperty("severity").GetString(), fallback.GetProperty("pointer").GetString()));
        Assert.Equal([0L], await _service.Database.QueryAsync<long>("select count(*) from rule_sets"));
    }

    [Theory]
    [InlineData("""{"rule":[]}""", HttpStatusCode.UnprocessableEntity, "rule_set_invalid")]
    [InlineData("""{""", HttpStatusCode.BadRequest, "invalid_json")]
    public async Task PostLint_AnInvalidDocument_IsAProblemAsInValidate(string document, HttpStatusCode status, string code)
    {
        using var answer = await _service.Operator.PostAsync(new Uri("/api/v1/content/lint", UriKind.Relative), new StringContent(document, null, "application/json"));

        Assert.Equal(status, answer.StatusCode);
        Assert.EndsWith($":{code}", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostLint_WithoutAToken_IsRefused()
    {
        using var answer = await _service.Anonymous.PostAsync(new Uri("/api/v1/content/lint", UriKind.Relative), new StringContent("{}", null, "application/json"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
