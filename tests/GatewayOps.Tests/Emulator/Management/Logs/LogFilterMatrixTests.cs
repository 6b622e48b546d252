using System.Globalization;
using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Logs;

/// <summary>
/// Every filter key with every operator in both query forms. What is expected is read anew from the rows' own answers: a filter must find what a
/// reader of the list would have picked by hand.
/// </summary>
public sealed class LogFilterMatrixTests(LogFilterMatrixTests.VariedRows rows) : IClassFixture<LogFilterMatrixTests.VariedRows>
{
    private const string Logs = "ai-gateway/gateways/prod/logs";

    // As the OpenAPI document lists them; a value that some rows have, one that none has, and a part of one.
    public static TheoryData<string, string[], string> Keys { get; } = new()
    {
        { "id", ["@id"], "@id-part" },
        { "created_at", ["2026-11-20T12:00:03.000Z"], "12:00:03" },
        { "request_content_type", ["application/json", "audio/wav"], "audio" },
        { "response_content_type", ["text/event-stream"], "stream" },
        { "request_type", ["websocket"], "sock" },
        { "success", ["false"], "fal" },
        { "cached", ["true"], "tru" },
        { "provider", ["anthropic", "groq"], "thro" },
        { "model", ["claude-sonnet-4-5", "none"], "4o" },
        { "model_type", ["embeddings"], "embed" },
        { "cost", ["0.0002", "5"], "000" },
        { "tokens", ["20", "108"], "10" },
        { "tokens_in", ["12"], "1" },
        { "tokens_out", ["8"], "8" },
        { "duration", ["30", "60.0"], "3" },
        { "feedback", ["-1", "1"], "-" },
        { "event_id", ["e-1"], "e-" },
        { "metadata.key", ["team"], "tea" },
        { "metadata.value", ["core", "5"], "or" },
        { "authentication", ["true"], "t" },
        { "wholesale", ["true"], "t" },
        { "compatibilityMode", ["true"], "t" },
        { "dlp_action", ["BLOCK"], "LOC" },
        { "user_agent", ["curl/8"], "curl" },
    };

    [Fact]
    public void Keys_AreThoseOfTheDocument() => Assert.Equal(
        OpenApiDocument.Source()["components"]!["schemas"]!["LogFilter"]!["properties"]!["key"]!["enum"]!.AsArray().Select(key => key!.GetValue<string>()),
        Keys.Select(row => row[0]));

    [Theory]
    [MemberData(nameof(Keys))]
    [Operation("listLogs")]
    public async Task List_FilterOfAKey_FindsWhatAReaderWouldPick(string key, string[] values, string part)
    {
        values = [.. values.Select(rows.Filled)];
        var found = new List<int>();
        foreach (var comparison in new[] { "eq", "neq", "contains", "lt", "gt" })
        {
            var sought = comparison == "contains" ? [rows.Filled(part)] : values;
            var expected = rows.Listed.Where(row => Picks(row, key, comparison, sought)).Select(row => row.GetProperty("id").GetString()!).ToList();

            var json = JsonSerializer.Serialize(new[] { new { key, @operator = comparison, value = sought } });
            Assert.Equal(expected, await rows.FindAsync($"filters={Uri.EscapeDataString(json)}"));
            Assert.Equal(expected, await rows.FindAsync($"filters.key={key}&filters.operator={comparison}&{string.Join('&', sought.Select(value => $"filters.value={Uri.EscapeDataString(value)}"))}"));
            found.Add(expected.Count);
        }
        // That each finds none or all would prove nothing.
        Assert.Contains(found, count => count > 0 && count < rows.Listed.Count);
    }

    [Theory]
    [InlineData("filters.key=provider&filters.operator=eq&filters.value=groq&filters.key=success&filters.operator=eq&filters.value=true")]
    [InlineData("filters.operator=eq&filters.key=provider&filters.value=groq&filters.operator=eq&filters.key=success&filters.value=true")]
    [InlineData("filters.value=groq&filters.value=none&filters.key=provider&filters.operator=eq&filters.value=true&filters.key=success&filters.operator=eq")]
    [InlineData("filters.key=provider&filters.key=success&filters.operator=eq&filters.operator=eq&filters.value=groq&filters.value=true")]
    [InlineData("per_page=50&filters.key=provider&page=1&filters.operator=eq&filters.value=groq&filters.key=success&filters.operator=neq&filters.value=false")]
    public async Task List_SdkForm_GroupsItsParts(string query) =>
        Assert.Equal([rows.Id(3)], await rows.FindAsync(query));

    [Fact]
    public async Task List_SdkFormThatCouldMeanSeveral_IsRefused()
    {
        var answer = await rows.Emulator.Management.GetAnswerAsync($"{Logs}?filters.key=provider&filters.key=model&filters.operator=eq&filters.operator=eq&filters.value=a&filters.value=b&filters.value=c");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("7001 query.filters 2 keys, 2 operators and 3 values: which belong together?", Assert.Single(answer.Errors));
    }

    [Theory]
    [InlineData("core", new[] { 3 })]
    [InlineData("eu", new int[0])]
    public async Task List_MetadataKeyAndValue_AreOneEntry(string value, int[] expected) => Assert.Equal(
        expected.Select(rows.Id),
        await rows.FindAsync("filters=" + Uri.EscapeDataString(
            $$"""[{"key":"metadata.key","operator":"eq","value":["team"]},{"key":"metadata.value","operator":"eq","value":["{{value}}"]}]""")));

    [Theory]
    [InlineData("cached=true", new[] { 6 })]
    [InlineData("success=false", new[] { 4 })]
    [InlineData("provider=groq", new[] { 3 })]
    [InlineData("model=claude-sonnet-4-5", new[] { 2 })]
    [InlineData("model_type=embeddings", new[] { 5 })]
    [InlineData("request_content_type=audio/wav", new[] { 5 })]
    [InlineData("response_content_type=text/event-stream", new[] { 2 })]
    [InlineData("feedback=1", new[] { 1 })]
    [InlineData("feedback=0", new[] { 4 })]
    [InlineData("start_date=2026-11-20T12:00:05Z", new[] { 5, 6 })]
    [InlineData("start_date=2026-11-20T13:00:05%2B01:00", new[] { 5, 6 })]
    [InlineData("end_date=2026-11-20T12:00:02Z", new[] { 1, 2 })]
    [InlineData("end_date=2026-11-20", new int[0])]
    [InlineData("min_cost=0.0005", new[] { 5, 6 })]
    [InlineData("max_cost=0.0002", new[] { 1, 2 })]
    [InlineData("min_duration=50&max_duration=50", new[] { 5 })]
    [InlineData("min_tokens_in=13", new[] { 5 })]
    [InlineData("max_tokens_in=11", new[] { 4 })]
    [InlineData("min_tokens_out=9", new int[0])]
    [InlineData("max_tokens_out=7", new int[0])]
    [InlineData("min_total_tokens=21", new[] { 5 })]
    [InlineData("max_total_tokens=0", new[] { 4 })]
    [InlineData("search=GROQ", new[] { 3 })]
    [InlineData("search=core", new[] { 3 })]
    [InlineData("search=e-1", new[] { 1 })]
    [InlineData("search=nothing%20like%20it", new int[0])]
    [InlineData("provider=groq&success=true&min_duration=30&search=gpt", new[] { 3 })]
    public async Task List_ScalarParameter_StillFilters(string query, int[] expected) => Assert.Equal(expected.Select(rows.Id), await rows.FindAsync(query));

    [Theory]
    [InlineData("cached=maybe", "cached")]
    [InlineData("success=2", "success")]
    [InlineData("feedback=-1", "feedback")]
    [InlineData("feedback=2", "feedback")]
    [InlineData("start_date=20.11.2026", "start_date")]
    [InlineData("end_date=", "end_date")]
    [InlineData("min_tokens_in=many", "min_tokens_in")]
    [InlineData("max_total_tokens=NaN", "max_total_tokens")]
    [InlineData("meta_info=perhaps", "meta_info")]
    [InlineData("page=0", "page")]
    [InlineData("per_page=51", "per_page")]
    [InlineData("order_by=tokens_in", "order_by")]
    [InlineData("direction=down", "direction")]
    public async Task List_ParameterThatIsNoSuchValue_Is7001WithItsPath(string query, string parameter)
    {
        var answer = await rows.Emulator.Management.GetAnswerAsync($"{Logs}?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith($"7001 query.{parameter} ", Assert.Single(answer.Errors));
    }

    [Theory]
    [InlineData("created_at", new[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("provider", new[] { 2, 3, 1, 4, 5, 6 })]
    [InlineData("model", new[] { 2, 1, 3, 4, 5, 6 })]
    [InlineData("model_type", new[] { 1, 2, 3, 4, 6, 5 })]
    [InlineData("success", new[] { 4, 1, 2, 3, 5, 6 })]
    [InlineData("cached", new[] { 1, 2, 3, 4, 5, 6 })]
    public async Task List_OrderBy_SortsAndKeepsTheOrderOfTimeAmongEquals(string order, int[] expected)
    {
        Assert.Equal(expected.Select(rows.Id), await rows.FindAsync($"order_by={order}"));
        Assert.Equal(expected.Reverse().Select(rows.Id), await rows.FindAsync($"order_by={order}", "desc"));
        // The second page of two continues the first.
        Assert.Equal(expected[5..].Select(rows.Id), await rows.FindAsync($"order_by={order}&per_page=5&page=2"));
    }

    private static bool Picks(JsonElement row, string key, string comparison, string[] values)
    {
        var own = Own(row, key).ToList();
        return comparison switch
        {
            "eq" => values.Any(value => own.Exists(one => Order(one, value) == 0)),
            "neq" => values.All(value => own.TrueForAll(one => Order(one, value) != 0)),
            "contains" => values.Any(value => own.Exists(one => one.Contains(value, StringComparison.Ordinal))),
            "lt" => values.Any(value => own.Exists(one => Order(one, value) < 0)),
            _ => values.Any(value => own.Exists(one => Order(one, value) > 0)),
        };
    }

    // Numbers as numbers, everything else as it is written: times in one format, and false before true.
    private static int Order(string left, string right) =>
        double.TryParse(left, CultureInfo.InvariantCulture, out var one) && double.TryParse(right, CultureInfo.InvariantCulture, out var other) ? one.CompareTo(other) : string.CompareOrdinal(left, right);

    private static IEnumerable<string> Own(JsonElement row, string key) => key switch
    {
        "tokens" => [$"{Number(row, "tokens_in") + Number(row, "tokens_out")}"],
        "metadata.key" => Metadata(row).Select(entry => entry.Name),
        "metadata.value" => Metadata(row).Select(entry => entry.Value.ToString()),
        _ => row.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? [value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.ToString()] : [],
    };

    private static IEnumerable<JsonProperty> Metadata(JsonElement row) => JsonElement.Parse(row.GetProperty("metadata").GetString()!).EnumerateObject();

    private static long Number(JsonElement row, string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    /// <summary>Rows 1 to 6, a second after each other; every key tells at least one of them from the others.</summary>
    public sealed class VariedRows : IAsyncLifetime
    {
        public TestEmulator Emulator { get; private set; } = null!;

        /// <summary>As the list answers them, oldest first.</summary>
        public IReadOnlyList<JsonElement> Listed { get; private set; } = [];

        public string Id(int row) => Listed[row - 1].GetProperty("id").GetString()!;

        public string Filled(string value) => value.Replace("@id-part", Id(4)[5..], StringComparison.Ordinal).Replace("@id", Id(2), StringComparison.Ordinal);

        public async Task<IReadOnlyList<string>> FindAsync(string query, string direction = "asc")
        {
            var answer = await Emulator.Management.GetAnswerAsync($"{Logs}?order_by_direction={direction}&{query}");
            Assert.True(answer.Status == HttpStatusCode.OK, $"{query}: {answer.Body}");
            return [.. answer.Result.EnumerateArray().Select(row => row.GetProperty("id").GetString()!)];
        }

        public async Task InitializeAsync()
        {
            Emulator = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 100_000 });
            await Emulator.CreateGatewayAsync("prod");
            var gateway = Emulator.Account.FindGateway("prod")!;
            LogRow Row(int second) => SampleLog.Row(gateway.Logs, second);
            LogRow[] rows =
            [
                Row(1) with { EventId = "e-1", Feedback = 1, UserAgent = "curl/8" },
                Row(2) with { Provider = "anthropic", Model = "claude-sonnet-4-5", ResponseContentType = "text/event-stream", Authentication = true },
                Row(3) with { Provider = "groq", Metadata = """{"team":"core","region":"eu","n":5}""", Wholesale = true },
                Row(4) with { Success = false, StatusCode = 500, TokensOut = null, TokensIn = 0, Feedback = 0, DlpAction = "BLOCK" },
                Row(5) with { TokensIn = 100, ModelType = "embeddings", RequestContentType = "audio/wav", CompatibilityMode = true },
                Row(6) with { Cached = true, RequestType = "websocket", Feedback = -1 },
            ];
            Assert.All(rows, row => Assert.True(gateway.AddLog(row)));
            Listed = [.. (await Emulator.Management.GetAnswerAsync($"{Logs}?order_by_direction=asc")).Result.EnumerateArray()];
        }

        public async Task DisposeAsync() => await Emulator.DisposeAsync();
    }
}
