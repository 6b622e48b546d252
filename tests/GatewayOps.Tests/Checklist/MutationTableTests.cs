using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Checklist;

/// <summary>The table of mutations, held against sources and tests: cheap, so that a change which outdates a row is told at once. That each turns its test red takes minutes: GatewayOps.Long.Tests.</summary>
public sealed class MutationTableTests
{
    public static TheoryData<string> Ids => [.. Mutation.All.Select(mutation => mutation.Id)];

    [Fact]
    public void EverySystem_HasFive_OfDifferentFeatures()
    {
        Assert.Equal(ChecklistRow.Systems.Select(system => (system, 5)), Mutation.All.GroupBy(mutation => mutation.System).Select(system => (system.Key, system.Select(mutation => mutation.Id).Distinct().Count())));
        Assert.Equal(Mutation.All.Count, Mutation.All.Select(mutation => mutation.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Row_NamesOnePlace_AndATestThatCarriesItsId(string id)
    {
        var mutation = Mutation.All.Single(row => row.Id == id);
        var source = await File.ReadAllTextAsync(Repository.File(mutation.File));

        Assert.True(source.Split(mutation.Text).Length == 2, $"{mutation.File} has {source.Split(mutation.Text).Length - 1} times: {mutation.Text}");
        Assert.NotEqual(mutation.Text, mutation.Replacement);
        Assert.Contains(LinkedTest.All, test => test.Id == id && test.FullName == mutation.FullTestName);
    }
}
