using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>Plans as files, reviewed like code: the text for people, and the JSON for programs where it is asked for. GATEWAYOPS_UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class GoldenPlan
{
    // As the API writes it, in lines.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static void Matches(string name, Plan plan, bool json = false, [CallerFilePath] string source = "")
    {
        Matches($"{name}.txt", PlanText.Of(plan), source);
        if (json)
        {
            Matches($"{name}.json", JsonSerializer.Serialize(plan, Json) + "\n", source);
        }
    }

    private static void Matches(string file, string text, string source)
    {
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "Golden", "plans", file), text);
        }
        else
        {
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "plans", file)), text);
        }
    }
}
