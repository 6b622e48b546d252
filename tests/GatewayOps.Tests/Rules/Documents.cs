using System.Text;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

/// <summary>Documents for the tests of this folder.</summary>
internal static class Documents
{
    public static RuleSetReading Read(string json) => RuleSetReader.Read(Encoding.UTF8.GetBytes(json));

    public static RuleSet Valid(string json)
    {
        var reading = Read(json);
        Assert.True(reading.IsValid, string.Join('\n', reading.Errors));
        return reading.RuleSet;
    }

    public static RuleSetError SingleError(string json) => Assert.Single(Read(json).Errors);

    public static Revision Revision(string name, string json, int number = 1) =>
        new(new RevisionId(name, number), RuleSetHash.Of(Encoding.UTF8.GetBytes(json)), Valid(json));

    public static CompiledRuleSet Compiled(string json)
    {
        var compilation = RuleSetCompiler.Compile("gw", [Revision("a", json)]);
        Assert.True(compilation.IsValid, string.Join('\n', compilation.Errors));
        return compilation.RuleSet;
    }

    public static Route Match(string json, string path = "/chat/completions", string model = "gpt-4o", string? provider = "openai", string method = "POST") =>
        Compiled(json).Routes.Match(new RequestFacts(method, path, model, provider));
}
