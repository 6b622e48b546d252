using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

public class DocumentDiffTests
{
    [Fact]
    public void Between_OneValueDiffers_NamesOnlyThat() =>
        Assert.Equal(
            [new DocumentChange(DocumentChangeKind.Changed, "/rules/0/cache/ttl", "36e2", "72e2")],
            Between(
                """{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":3600}}]}""",
                """{"rules":[{"pattern":"/a","cache":{"enabled":true,"ttl":7200}}]}"""));

    [Fact]
    public void Between_ARuleInFront_IsOneAdditionAndNothingElse() =>
        Assert.Equal(
            [new DocumentChange(DocumentChangeKind.Added, "/rules/0/pattern", null, "\"/new\"")],
            Between("""{"rules":[{"pattern":"/a"},{"name":"b","pattern":"/b"}]}""", """{"rules":[{"pattern":"/new"},{"name":"b","pattern":"/b"},{"pattern":"/a"}]}"""));

    [Fact]
    public void Between_SomethingGone_PointsIntoTheOlderDocument() =>
        Assert.Equal(
            [new DocumentChange(DocumentChangeKind.Removed, "/providers/0/name", "\"groq\"", null), new DocumentChange(DocumentChangeKind.Removed, "/providers/0/priority", "1", null)],
            Between("""{"providers":[{"name":"groq","priority":1},{"name":"openai","priority":2}]}""", """{"providers":[{"name":"openai","priority":2}]}"""));

    [Fact]
    public void Between_RoutesPoliciesAndProvidersMoved_IsNoChange() =>
        Assert.Empty(Between(
            """
            {"routes":[{"name":"a","from":"providers"},{"name":"b","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"e"}}},{"id":"e","type":"end"}]}],
             "policies":[{"name":"p","actor":"all","resource":"*","action":{"type":"block"}},{"name":"q","actor":"all","resource":"*","action":{"type":"no-limit"}}],
             "custom_providers":[{"slug":"x","name":"X","base_url":"https://x.example"},{"slug":"y","name":"Y","base_url":"https://y.example"}]}
            """,
            """
            {"routes":[{"name":"b","elements":[{"id":"e","type":"end"},{"id":"s","type":"start","outputs":{"next":{"elementId":"e"}}}]},{"name":"a","from":"providers"}],
             "policies":[{"name":"q","actor":"all","resource":"*","action":{"type":"no-limit"}},{"name":"p","actor":"all","resource":"*","action":{"type":"block"}}],
             "custom_providers":[{"slug":"y","name":"Y","base_url":"https://y.example"},{"slug":"x","name":"X","base_url":"https://x.example"}]}
            """));

    [Fact]
    public void Between_AnElementOfARouteDiffers_NamesOnlyThat()
    {
        const string route = """{"routes":[{"name":"b","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"c"}}},{"id":"c","type":"conditional","properties":{"conditions":{"metadata.a":1}},"outputs":{"true":{"elementId":"e"},"false":{"elementId":"e"}}},{"id":"e","type":"end"}]}]}""";

        Assert.Equal(
            [new DocumentChange(DocumentChangeKind.Changed, "/routes/0/elements/1/properties/conditions", """{"metadata.a":1}""", """{"metadata.a":2}""")],
            Between(route, route.Replace("\"metadata.a\":1", "\"metadata.a\":2", StringComparison.Ordinal)));
    }

    [Fact]
    public void Between_UnnamedRulesApartByMetadataAlone_ArePaired() =>
        Assert.Equal(
            [new DocumentChange(DocumentChangeKind.Changed, "/rules/0/timeout", "2", "3")],
            Between(
                """{"rules":[{"pattern":"/a","match":{"metadata":{"plan":"free"}},"timeout":1},{"pattern":"/a","match":{"metadata":{"plan":"pro"}},"timeout":2}]}""",
                """{"rules":[{"pattern":"/a","match":{"metadata":{"plan":"pro"}},"timeout":3},{"pattern":"/a","match":{"metadata":{"plan":"free"}},"timeout":1}]}"""));

    [Fact]
    public void Between_OtherNotation_IsNoChange() =>
        Assert.Empty(Between("""{"settings":{"cache_ttl":600},"priority":1}""", """{"priority":1.0,"settings":{"cache_ttl":6e2}}"""));

    [Fact]
    public void Between_ADocumentAndItself_IsEmpty() =>
        Prop.ForAll(AnyDocument.Documents.ToArbitrary(), document => Between(document.ToJsonString(), document.ToJsonString()).Count == 0).QuickCheckThrowOnFailure();

    [Fact]
    public void Between_TwoDocuments_MirrorsTheOtherWay() =>
        Prop.ForAll((from a in AnyDocument.Documents from b in AnyDocument.Documents select (a.ToJsonString(), b.ToJsonString())).ToArbitrary(), pair =>
        {
            var there = Between(pair.Item1, pair.Item2).Select(change => (change.From, change.To)).Order();
            var back = Between(pair.Item2, pair.Item1).Select(change => (change.To, change.From)).Order();
            return there.SequenceEqual(back);
        }).QuickCheckThrowOnFailure();

    private static IReadOnlyList<DocumentChange> Between(string older, string newer) => DocumentDiff.Between(Documents.Valid(older), Documents.Valid(newer));
}
