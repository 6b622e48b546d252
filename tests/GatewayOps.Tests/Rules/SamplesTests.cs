using System.Text.RegularExpressions;
using GatewayOps.Rules;
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
    }
}
