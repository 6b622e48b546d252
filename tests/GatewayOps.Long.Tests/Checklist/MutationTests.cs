using GatewayOps.Tests.Checklist;

namespace GatewayOps.Long.Tests.Checklist;

/// <summary>Each row of the table of mutations turns its test red. Those of one older system: `--filter "FullyQualifiedName~MutationTests&amp;DisplayName~S1-"`.</summary>
public sealed class MutationTests(MutatedTests tests, ITestOutputHelper output) : IClassFixture<MutatedTests>
{
    public static TheoryData<string> Ids => [.. Mutation.All.Select(mutation => mutation.Id)];

    [Theory, Trait("checklist", "S2-26")]
    [MemberData(nameof(Ids))]
    public async Task Mutation_TurnsItsTestRed(string id)
    {
        var mutation = Mutation.All.Single(row => row.Id == id);

        var counts = await tests.TestAsync(mutation);

        output.WriteLine($"{mutation.Id}: {mutation.Name}: {counts.Failed} failed, {counts.Passed} passed: {mutation.Test}: {counts.Said}");
        Assert.True(counts.Failed > 0, $"{mutation.Id}: {mutation.Name}, and {mutation.Test} is green: {counts}");
    }
}
