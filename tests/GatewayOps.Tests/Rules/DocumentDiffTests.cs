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
