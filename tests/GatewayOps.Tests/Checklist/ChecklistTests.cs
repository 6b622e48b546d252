using System.Reflection;
using System.Text;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Checklist;

/// <summary>Every feature of the five older systems has a test that names it, or a reviewed reason why not. GATEWAYOPS_UPDATE_GOLDEN=1 writes the page.</summary>
public sealed class ChecklistTests
{
    private const string Page = "controlplane/docs/checklist.md";

    private static readonly IReadOnlyDictionary<string, string> Titles = new Dictionary<string, string>
    {
        ["S0"] = "S0: orchestrator whose language model sits behind a gateway",
        ["S1"] = "S1: gateway as a resource with a command line",
        ["S2"] = "S2: proxy worker with one API for several providers",
        ["S3"] = "S3: client library with provider keys at the gateway",
        ["S4"] = "S4: batches on Workers AI",
    };

    [Fact]
    public void EveryFeature_HasATest_OrAReviewedReason()
    {
        var proved = LinkedTest.All.Select(test => test.Id).ToHashSet();
        var ids = ChecklistRow.All.Select(row => row.Id).ToList();

        Assert.Equal((138, 5), (ids.Distinct().Count(), ChecklistRow.Systems.Count));
        Assert.Empty(ids.Where(id => !proved.Contains(id) && !ChecklistExceptions.Reasons.ContainsKey(id)).Select(id => $"{id} has no test: put Trait(\"{LinkedTest.Trait}\", \"{id}\") on the one that proves it"));
        Assert.Empty(ChecklistExceptions.Reasons.Keys.Where(proved.Contains).Select(id => $"{id} is an exception and has a test"));
        Assert.Empty(ChecklistExceptions.Reasons.Keys.Concat(proved).Except(ids).Select(id => $"{id} is no id of the checklist"));
    }

    [Fact]
    public async Task Page_IsThatOfTheTests()
    {
        var text = new StringBuilder("""
            # What the five older systems could do, and which test shows it here

            Made from the tests: each says by `Trait("checklist", ID)` what it proves. `dotnet test tests/GatewayOps.Tests --filter checklist=S1-26` runs those of one row.
            Names without a word behind them are of the default tests; `(long)`, `(interop)`, `(infra)` and `(monitoring)` are the projects that [CONTRIBUTING](../../CONTRIBUTING.md) lists.

            """);
        foreach (var system in ChecklistRow.All.GroupBy(row => row.System))
        {
            text.Append($"\n## {Titles[system.Key]}\n\n| Id | Feature | Shown by |\n|---|---|---|\n");
            foreach (var row in system) text.Append($"| {row.Id} | {row.Feature} | {ShownBy(row.Id)} |\n");
        }

        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(Repository.File(Page), text.ToString());
        }
        else
        {
            Assert.Equal(await File.ReadAllTextAsync(Repository.File(Page)), text.ToString());
        }
    }

    /// <summary>What is read from the sources is what the compiler made of them.</summary>
    [Fact]
    public void Links_OfThisProject_AreItsTraits()
    {
        var compiled = from type in typeof(ChecklistTests).Assembly.GetTypes()
                       from member in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Prepend<MemberInfo>(type)
                       from trait in member.GetCustomAttributesData()
                       where trait.AttributeType == typeof(TraitAttribute) && (string)trait.ConstructorArguments[0].Value! == LinkedTest.Trait
                       select new LinkedTest((string)trait.ConstructorArguments[1].Value!, "GatewayOps.Tests", type.FullName!, member is MethodInfo ? member.Name : null).ToString();

        Assert.Equal(compiled.Order(StringComparer.Ordinal), LinkedTest.All.Where(test => test.Project == "GatewayOps.Tests").Select(test => test.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("    [Trait(\"checklist\", \"S0-01\")]\n    public void Helper() { }", "is no test")]
    [InlineData("    [Fact(Skip = \"later\"), Trait(\"checklist\", \"S0-01\")]\n    public void Test() { }", "is skipped")]
    [InlineData("    [Fact, Trait(\"checklist\", \"S0-01\")]\n}", "belongs to no test")]
    public void Link_ThatProvesNothing_IsRefused(string source, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => LinkedTest.In("tests/GatewayOps.Tests/X.cs", $"namespace X;\npublic class Y\n{{\n{source}").ToList()).Message, StringComparison.Ordinal);

    private static string ShownBy(string id) => ChecklistExceptions.Reasons.TryGetValue(id, out var reason)
        ? $"no test: {reason}"
        : string.Join(", ", LinkedTest.All.Where(test => test.Id == id).Select(Shown).Order(StringComparer.Ordinal));

    private static string Shown(LinkedTest test)
    {
        var project = test.Project.Split('.')[1];
        return $"`{test.FullName[(test.Project.Length + 1)..]}`{(project == "Tests" ? "" : $" ({project.ToLowerInvariant()})")}";
    }
}
