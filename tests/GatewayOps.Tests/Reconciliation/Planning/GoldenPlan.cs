using System.Runtime.CompilerServices;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>Plans as text files, reviewed like code. GATEWAYOPS_UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class GoldenPlan
{
    public static void Matches(string name, Plan plan, [CallerFilePath] string source = "")
    {
        var text = PlanText.Of(plan);
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "Golden", "plans", $"{name}.txt"), text);
        }
        else
        {
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "plans", $"{name}.txt")), text);
        }
    }
}
