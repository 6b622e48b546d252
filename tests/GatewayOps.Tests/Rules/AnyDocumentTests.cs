using GatewayOps.Rules;
using GatewayOps.Rules.Compiling;

namespace GatewayOps.Tests.Rules;

public class AnyDocumentTests
{
    [Fact]
    public void Documents_ManyOfThem_HoldEveryLeafThatThereIsARowFor()
    {
        var met = AnyDocument.Some(1000).SelectMany(document => Documents.Valid(document.ToJsonString()).Leaves).Select(leaf => EnforcementTable.RowOf(leaf.Pointer)).ToHashSet();

        Assert.Empty(EnforcementTable.Rows.Where(row => !row.Pointer.StartsWith("/settings/", StringComparison.Ordinal)).Except(met));
    }
}
