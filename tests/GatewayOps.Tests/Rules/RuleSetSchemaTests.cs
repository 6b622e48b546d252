using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Rules.Matching;
using GatewayOps.Rules.Reading;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class RuleSetSchemaTests
{
    private static readonly JsonObject Root = JsonNode.Parse(RuleSetSchema.Text)!.AsObject();

    // What a hand, or a program, may leave in the place of a value.
    private static readonly string[] Odd =
    [
        "null", "true", "false", "0", "-1", "1", "2", "1.0", "1e2", "0.5", "-0.25", "1e-30", "59", "60", "61", "600000", "600001", "10000000000000000000", "1e40", "100000.0001",
        "\"\"", "\"x\"", "\"X\"", "\"*\"", "\"openai\"", "\"xai\"", "\"OpenAI\"", "\"custom-\"", "\"custom-a\"", "\"opn*\"", "\"POST\"", "\"post\"", "\"P*\"", "\"/\"", "\"/a\"", "\"/v1\"", "\"/v1/a\"", "\"/v12\"",
        "\"/a/\"", "\"//\"", "\"/a b\"", "\"/a/**/b\"", "\"/a**\"", "\"/*a*\"", "\"/a/*/b*c*\"", "\"/%20\"", "\"a\\u0000b\"", "\"a\\nb\"", "\"a\\u0085\"", "\"\\uffff\"", "\"a\\n\"", "\"é\"", "\"😀\"", "\"a-b\"", "\"a--b\"", "\"a_b\"",
        "\"a.b\"", "\"fixed\"", "\"sliding\"", "\"FLAG\"", "\"https://a.example\"", "\"http://a.example\"", "\"https://a.example:99/b?c\"", "\"https://u:p@a.example\"", "\"providers\"", "\"10%\"", "\"limit\"", "\"model\"", "\"end\"",
        "[]", "[1]", "[\"a\"]", "[\"a\",\"a\"]", "[null]", "[[]]", "[{}]", "{}", "{\"a\":1}", "{\"type\":\"end\",\"id\":\"z\"}", "{\"$eq\":1}", "{\"a\":{\"$in\":[]}}", "{\"$and\":[{\"a\":1}]}", "{\"$not\":{}}",
        "{\"elementId\":\"end\"}", "{\"authorization\":\"a\"}", "{\"cf.a\":\"b\"}", "{\"x-a\":\"b\"}", "{\"model\":\"a\"}", "{\"type\":\"no-limit\"}", "{\"openai\":{}}", "{\"requests\":1}",
        .. new[] { 16, 17, 64, 65, 71, 72, 256, 257, 2048, 2049 }.SelectMany(length => new[] { Quoted(new string('a', length)), Quoted("/" + new string('a', length - 1)), Quoted(string.Concat(Enumerable.Repeat("😀", length))) }),
        Quoted(string.Concat(Enumerable.Repeat("/a", 32))), Quoted(string.Concat(Enumerable.Repeat("/a", 33))), Quoted("custom-" + new string('a', 64)), Quoted("custom-" + new string('a', 65)),
    ];

    private static readonly string[] OddNames = ["", "x", "name", "Name", "$eq", "eq", "$regex", "authorization", "x-team", "X-Team", "cf.a", "else", "0%", "100.0000001%", "a\nb", "headers", "technique", "stripe", "openai", "opnai", "a\u0000"];

    [Fact]
    public void Text_IsThePublishedFile()
    {
        var published = Repository.File("controlplane/schemas/rule-set.v1.json");
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
            File.WriteAllText(published, RuleSetSchema.Text);
        else
            Assert.Equal(File.ReadAllText(published), RuleSetSchema.Text);
    }

    [Fact]
    public void Accepts_EverySample() => Assert.All(
        Directory.GetFiles(Repository.File("controlplane/samples"), "*.json"), file => Assert.True(new JsonSchema(Root).Accepts(JsonNode.Parse(File.ReadAllText(file))), file));

    [Fact]
    public void SchemaAndReader_ValidDocuments_BothAccept()
    {
        var schema = new JsonSchema(Root);

        Assert.All(AnyDocument.Some(300), document => Assert.True(schema.Accepts(document) && Documents.Read(document.ToJsonString()).IsValid, document.ToJsonString()));
    }

    [Fact]
    public void PathPatterns_SchemaAndSyntax_AreOneLanguage()
    {
        var pattern = new JsonSchema(Texts.PathPattern.Schema());
        var random = new Random(7);
        const string alphabet = "/**//aav1-.%é ?~$";
        for (var round = 0; round < 20_000; round++)
        {
            var text = "/" + string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            Assert.True(pattern.Accepts(text) == (PathPatternSyntax.FaultOf(text) is null), text);
        }
    }

    [Fact]
    public void SchemaAndReader_DocumentsWithSlips_GiveOneVerdict() => CompareSlips(rounds: 1000);

    [Fact]
    public void SchemaAndReader_EachValueReplacedByOddOnes_GiveOneVerdict() => CompareOdd(perPlace: 12);

    /// <summary>Documents with one to three slips each; ten thousand of them in the long suite. The seed decides what they are, so a failure comes again.</summary>
    internal static void CompareSlips(int rounds)
    {
        var schema = new JsonSchema(Root);
        var random = new Random(20261121);
        var sound = AnyDocument.Some(200).Select(document => document.ToJsonString()).ToList();
        var (accepted, refused, codes) = (0, 0, new HashSet<string>());
        for (var round = 0; round < rounds; round++)
        {
            var document = JsonNode.Parse(sound[random.Next(sound.Count)])!.AsObject();
            for (var slips = random.Next(1, 4); slips > 0; slips--)
                Slip(document, random);
            var text = document.ToJsonString();
            if (DocumentText.Parse(Encoding.UTF8.GetBytes(text), new ErrorList()) is null)
                continue;

            var errors = ValueErrors(text);
            codes.UnionWith(errors.Select(error => error.Code));
            _ = errors.Count == 0 ? accepted++ : refused++;
            Assert.True(schema.Accepts(JsonNode.Parse(text)) == (errors.Count == 0), $"{text}\n{string.Join('\n', errors)}");

            // And what the reader finds besides is of the kinds that the schema names.
            var further = Documents.Read(text).Errors.Skip(errors.Count).Select(error => error.Code).ToHashSet();
            Assert.Subset(RuleSetSchema.Beyond.Append(RuleSetErrorCodes.UnknownProvider).Append(RuleSetErrorCodes.InvalidValue).ToHashSet(), further);
        }

        Assert.True(accepted > rounds / 30 && refused > rounds / 2, $"{accepted} accepted, {refused} refused");
        Assert.Empty(((string[])[
            RuleSetErrorCodes.UnknownField, RuleSetErrorCodes.NotSupported, RuleSetErrorCodes.WrongType, RuleSetErrorCodes.Required, RuleSetErrorCodes.OutOfRange, RuleSetErrorCodes.InvalidValue,
            RuleSetErrorCodes.InvalidPattern, RuleSetErrorCodes.UnknownProvider,
        ]).Except(codes));
    }

    /// <summary>Every place of a document that has everything, in turn; null: every odd value in every place, as in the long suite.</summary>
    internal static void CompareOdd(int? perPlace)
    {
        var schema = new JsonSchema(Root);
        var whole = JsonNode.Parse(Whole)!.AsObject();
        Assert.Empty(Documents.Read(Whole).Errors);
        var compared = 0;
        var random = new Random(4);
        foreach (var place in Places(whole).ToList())
        {
            foreach (var odd in perPlace is { } some ? random.GetItems(Odd, some) : Odd)
            {
                var before = Exchange(place, JsonNode.Parse(odd));
                var text = whole.ToJsonString();
                var errors = ValueErrors(text);
                Assert.True(schema.Accepts(JsonNode.Parse(text)) == (errors.Count == 0), $"{place.Parent.GetPath()} {place.Key} = {odd}\n{string.Join('\n', errors)}");
                Exchange(place, before);
                compared++;
            }
        }

        Assert.True(compared > 150 * (perPlace ?? Odd.Length), $"{compared} compared");
    }

    [Fact]
    public void Beyond_IsAllThatTheReaderFindsInWhatTheSchemaAccepts()
    {
        var schema = new JsonSchema(Root);
        var broken = new[]
        {
            """{"rules":[{"pattern":"/a"},{"pattern":"/a"}]}""",
            """{"rules":[{"name":"a","pattern":"/a"},{"name":"a","pattern":"/b"}]}""",
            """{"providers":[{"name":"openai","priority":1},{"name":"groq","priority":1}]}""",
            """{"providers":[{"name":"grok","priority":1},{"name":"xai","priority":2}]}""",
            """{"quota":{"providers":{"grok":{},"xai":{}}}}""",
            """{"policies":[{"name":"a","actor":"{","resource":"*","condition":"(","action":{"type":"no-limit"}}]}""",
            """{"routes":[{"name":"a","elements":[{"id":"end","type":"end"},{"id":"x","type":"end"}]}]}""",
            """{"routes":[{"name":"a","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"s"}}},{"id":"x","type":"percentage","outputs":{"10%":{"elementId":"y"}}}]}]}""",
        };

        Assert.All(broken, document => Assert.True(schema.Accepts(JsonNode.Parse(document))));
        Assert.Subset(RuleSetSchema.Beyond.ToHashSet(), broken.SelectMany(document => Documents.Read(document).Errors).Select(error => error.Code).ToHashSet());
        Assert.All(broken, document => Assert.False(Documents.Read(document).IsValid));
    }

    private static IReadOnlyList<RuleSetError> ValueErrors(string json)
    {
        var errors = new ErrorList();
        DocumentShape.Document.Check(JsonElement.Parse(json), JsonPointer.Root, errors);
        return errors.ToList();
    }

    private static void Slip(JsonObject document, Random random)
    {
        var places = Places(document).ToList();
        if (places.Count == 0)
            return;
        var place = places[random.Next(places.Count)];
        var odd = JsonNode.Parse(Odd[random.Next(Odd.Length)]);
        switch (random.Next(5))
        {
            case 0 when place.Parent is JsonObject members:
                members.Remove((string)place.Key);
                break;
            case 1 when place.Parent is JsonObject members:
                members[OddNames[random.Next(OddNames.Length)]] = odd;
                break;
            case 2 when place.Parent is JsonObject members:
                var value = members[(string)place.Key]?.DeepClone();
                members.Remove((string)place.Key);
                members[OddNames[random.Next(OddNames.Length)]] = value;
                break;
            case 3 when place.Parent is JsonArray list:
                list.Add(random.Next(2) == 0 ? odd : list[(int)place.Key]?.DeepClone());
                break;
            default:
                Exchange(place, odd);
                break;
        }
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend((node, member.Key))),
        JsonArray items => items.SelectMany((item, index) => Places(item).Prepend((node, (object)index))),
        _ => [],
    };

    private static JsonNode? Exchange((JsonNode Parent, object Key) place, JsonNode? value)
    {
        JsonNode? before;
        if (place.Parent is JsonObject members)
            (before, members[(string)place.Key]) = (members[(string)place.Key], value);
        else
            (before, place.Parent.AsArray()[(int)place.Key]) = (place.Parent.AsArray()[(int)place.Key], value);
        return before;
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private const string Whole = """
        {"$schema":"s","name":"a","gateways":["gw"],"priority":1,
         "rules":[{"name":"r","pattern":"/a","match":{"model":"m","provider":"openai","method":"POST","key":"k","metadata":{"plan":"free"},"header":{"x-team":"a"}},
                   "cache":{"enabled":true,"ttl":60,"key":["model"],"share":false},"timeout":1,"collect_log":true,"rate_limit":{"limit":1,"interval":1,"technique":"fixed"},"queue":{"concurrency":1,"depth":0,"timeout":1}}],
         "providers":[{"name":"openai","priority":1,"timeout":1,"model":"m"}],"fallback":{"enabled":true,"retry_count":0},
         "settings":{"cache_ttl":60,"collect_logs":true,"rate_limiting_limit":1,"rate_limiting_technique":"fixed","retry_max_attempts":1,"log_management":10000,"guardrails":{"prompt":{"S1":"FLAG"},"response":{}},
           "dlp":{"enabled":true,"action":"FLAG","profiles":["p"],"policies":[{"id":"p","enabled":true,"action":"BLOCK","check":["REQUEST"],"profiles":["u"]}]},"otel":[{"url":"u","content_type":"json"}],
           "spend_limits":{"enabled":true,"rules":[{"id":"a","enabled":true,"limitType":"cost","limit":0.5,"window":60,"technique":"fixed","model":{"mode":"filter","values":["a"]},"metadata":{"team":{"mode":"filter","values":["a"]}}}]},"store_id":"s"},
         "routes":[{"name":"short","from":"providers","model":"m"},
           {"name":"graph","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"c"}}},
             {"id":"c","type":"conditional","properties":{"conditions":{"metadata.a":{"$eq":"x","$in":[1,null],"$gt":5,"$exists":true,"$not":{"$ne":["y"]}},"metadata.b":["z"],"$or":[{"metadata.c":true}],"$not":{"metadata.d":"e"}}},"outputs":{"true":{"elementId":"p"},"false":{"elementId":"r"}}},
             {"id":"p","type":"percentage","outputs":{"10%":{"elementId":"r"},"else":{"elementId":"r"}}},
             {"id":"r","type":"rate","properties":{"limitType":"count","key":"metadata.user","limit":5,"window":60},"outputs":{"success":{"elementId":"b"},"fallback":{"elementId":"b"}}},
             {"id":"b","type":"rate","properties":{"limitType":"cost","key":"metadata.user","limit":0.5,"window":60},"outputs":{"success":{"elementId":"m"}}},
             {"id":"m","type":"model","properties":{"provider":"openai","model":"m","timeout":1,"retries":0},"outputs":{"success":{"elementId":"end"}}},{"id":"end","type":"end","outputs":{}}]}],
         "policies":[{"name":"a","actor":"all","resource":"*","condition":"true","action":{"type":"no-limit"}},{"name":"b","actor":"all","resource":{"model":"m","provider":"p"},"action":{"type":"block","except":true}},
                     {"name":"c","actor":"all","resource":{"model":"m"},"action":{"type":"limit","amount":0.5,"period":"daily"}}],
         "custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example","enable":true,"description":"d","link":"https://a.example"}],
         "quota":{"requests":1,"tokens":1,"usd":0.5,"providers":{"openai":{"requests":1,"tokens":1,"usd":1}}}}
        """;
}
