using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Rules.Reading;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class SamplesTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Repository.File("controlplane/samples"), "*.json").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_EverySample_IsValid(string file)
    {
        var reading = RuleSetReader.Read(File.ReadAllBytes(Repository.File("controlplane/samples/" + file)));

        Assert.Empty(reading.Errors);
        Assert.Empty(RuleSetCompiler.Compile("gw", [new Revision(new RevisionId(reading.RuleSet!.Name ?? "sample", 1), "", reading.RuleSet)]).Errors);
    }

    [Fact, Trait("checklist", "S1-22")]
    public void Files_Together_HoldEveryPartOfTheDocument()
    {
        var parts = Directory.GetFiles(Repository.File("controlplane/samples"), "*.json").SelectMany(file => Documents.Valid(File.ReadAllText(file)).Leaves).Select(leaf => leaf.Pointer.Split('/')[1]).ToHashSet();

        Assert.Superset(DocumentShape.Document.Fields.Select(field => field.Name).Except(["gateways", "priority"]).ToHashSet(), parts);
    }

    [Fact]
    public void Files_ThatNameASchema_NameThePublishedOne()
    {
        foreach (var file in Directory.GetFiles(Repository.File("controlplane/samples"), "*.json").Where(file => !Path.GetFileName(file).StartsWith("seed-", StringComparison.Ordinal)))
        {
            var schema = (string?)JsonNode.Parse(File.ReadAllText(file))!["$schema"];
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, schema!)), $"{file} names {schema}");
        }
    }
}
