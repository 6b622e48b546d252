using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Tests.Emulator.Upstreams;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.WorkersAi;

public sealed class ModelSearchTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private readonly HttpClient _api = fixture.Emulator.Management;

    [Theory]
    [InlineData("task=Text Embeddings", "@cf/baai/bge-m3", "@cf/openai/whisper")]
    [InlineData("author=openai", "@cf/openai/gpt-oss-120b", "@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("search=kimi", "@cf/moonshotai/kimi-k2.6", "@cf/openai/gpt-oss-120b")]
    [InlineData("source=2", "@hf/nousresearch/hermes-2-pro-mistral-7b", "@cf/openai/gpt-oss-120b")]
    [InlineData("hide_experimental=true", "@cf/openai/gpt-oss-120b", "@cf/microsoft/phi-2")]
    [InlineData("include_deprecated=true", "@cf/openai/gpt-oss-120b", "")]
    public async Task Search_Filter_LeavesWhatFits(string query, string found, string left)
    {
        var names = await NamesAsync(query + "&per_page=1000");

        Assert.Contains(found, names);
        Assert.DoesNotContain(left, names);
    }

    [Fact]
    public async Task Search_Model_HasTaskAndProperties()
    {
        var model = (await _api.GetAnswerAsync("ai/models/search?search=kimi-k2.6")).Result[0];

        Assert.Equal(("@cf/moonshotai/kimi-k2.6", "Text Generation", 1), (model.TextAt("name"), model.TextAt("task.name"), model.NumberAt("source")));
        var properties = model.At("properties").EnumerateArray().ToDictionary(one => one.TextAt("property_id")!, one => one.At("value"));
        Assert.Equal(("262144", "true"), (properties["context_window"].GetString(), properties["function_calling"].GetString()));
        Assert.Equal(("per M input tokens", "USD"), (properties["price"].TextAt("0.unit"), properties["price"].TextAt("0.currency")));
    }

    [Fact]
    public async Task Search_Deprecated_IsShownToWhoAsksForThreeMonths()
    {
        await using var emulator = await TestEmulator.StartAsync();
        async Task<(bool Usually, bool WhenAsked)> ShownAsync(string day)
        {
            var now = (await emulator.Admin.GetFromJsonAsync<JsonElement>("clock")).GetProperty("now").GetDateTimeOffset();
            // One advance is a year at most.
            for (var left = DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - now; left > TimeSpan.Zero; left -= TimeSpan.FromDays(365))
                await emulator.AdvanceClockAsync(left < TimeSpan.FromDays(365) ? left : TimeSpan.FromDays(365));
            var usually = await emulator.Management.GetAnswerAsync("ai/models/search?search=phi-2");
            var asked = await emulator.Management.GetAnswerAsync("ai/models/search?search=phi-2&include_deprecated=true");
            return (usually.Result.GetArrayLength() > 0, asked.Result.GetArrayLength() > 0);
        }

        Assert.Equal((true, true), await ShownAsync("2030-05-30"));
        Assert.Equal((false, true), await ShownAsync("2030-06-02"));
        Assert.Equal((false, false), await ShownAsync("2030-09-02"));
    }

    [Fact]
    public async Task Search_Pages_EndWithAnEmptyOne()
    {
        var (all, page) = (new List<string>(), 1);
        for (IReadOnlyList<string> names; (names = await NamesAsync($"per_page=25&page={page}")).Count > 0; page++)
            all.AddRange(names);

        Assert.Equal(await NamesAsync("per_page=1000"), all);
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public async Task Search_ForOpenRouter_HasData()
    {
        var answer = (await _api.GetAnswerAsync("ai/models/search?format=openrouter&task=Text Generation&per_page=1000")).Body;

        var model = answer.At("data").EnumerateArray().Single(one => one.TextAt("id") == "@cf/moonshotai/kimi-k2.6");
        Assert.Equal((262144, "0.0000009500"), (model.NumberAt("context_length"), model.TextAt("pricing.prompt")));
        Assert.Contains("tools", model.At("supported_features").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(answer.At("data").GetArrayLength(), answer.NumberAt("result_info.total_count"));
    }

    [Theory]
    [InlineData("per_page=0")]
    [InlineData("per_page=1001")]
    [InlineData("page=0")]
    [InlineData("source=x")]
    [InlineData("hide_experimental=maybe")]
    [InlineData("format=xml")]
    public async Task Search_Wrong_7001NamesTheParameter(string query) =>
        Assert.StartsWith($"7001 query.{query.Split('=')[0]} ", Assert.Single((await _api.GetAnswerAsync($"ai/models/search?{query}")).Errors), StringComparison.Ordinal);

    [Fact]
    public async Task Schema_OfAModel_HasInputAndOutput()
    {
        var schema = (await _api.GetAnswerAsync("ai/models/schema?model=@cf/baai/bge-m3")).Result;

        Assert.Equal(("object", "object"), (schema.TextAt("input.type"), schema.TextAt("output.type")));
        Assert.True(schema.At("input.properties").Has("text"));
        Assert.Equal(["5007 No such model @cf/no/such or task"], (await _api.GetAnswerAsync("ai/models/schema?model=@cf/no/such")).Errors);
        Assert.Equal(["7001 query.model Required"], (await _api.GetAnswerAsync("ai/models/schema")).Errors);
    }

    [Fact]
    public async Task TasksAndAuthors_AreThoseOfTheModels()
    {
        var models = (await _api.GetAnswerAsync("ai/models/search?per_page=1000&include_deprecated=true")).Result.EnumerateArray().ToArray();
        var tasks = (await _api.GetAnswerAsync("ai/tasks/search")).Result.EnumerateArray().Select(task => task.TextAt("name")).ToArray();
        var authors = (await _api.GetAnswerAsync("ai/authors/search")).Result.EnumerateArray().Select(author => author.TextAt("name")).ToArray();

        Assert.All(models, model => Assert.Contains(model.TextAt("task.name"), tasks));
        Assert.All(models, model => Assert.Contains(model.TextAt("name")!.Split('/')[1], authors));
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string query) =>
        [.. (await _api.GetAnswerAsync($"ai/models/search?{query}")).Result.EnumerateArray().Select(model => model.TextAt("name")!)];
}
