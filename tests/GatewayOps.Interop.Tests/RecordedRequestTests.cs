using System.Text.Json;

namespace GatewayOps.Interop.Tests;

/// <summary>
/// What the official SDK sends for each operation is on record in the default tests, which compare our client with it. GATEWAYOPS_RECORD=1 writes the record anew.
/// </summary>
public sealed class RecordedRequestTests
{
    private static readonly string[] NotInTheSdk =
    [
        "deleteProviderConfig", "patchCustomProvider",
        "listPolicies", "createPolicy", "getPolicy", "updatePolicy", "deletePolicy", "commitPolicies", "simulatePolicies",
    ];

    [NodeFact]
    public async Task Record_OfEveryOperation_IsWhatTheSdkSends()
    {
        var output = await Node.RunScriptAsync("record-requests", new Dictionary<string, string>(), Path.Combine(AppContext.BaseDirectory, "Contract", "sample-requests.json"));
        Assert.True(output.ExitCode == 0, output.ToString());
        var file = Path.Combine(Contract(), "sdk-requests.json");
        if (Environment.GetEnvironmentVariable("GATEWAYOPS_RECORD") == "1")
            await File.WriteAllTextAsync(file, output.Output);

        Assert.Equal(await File.ReadAllTextAsync(file), output.Output);
    }

    /// <summary>No operation of the document is forgotten but those that the SDK does not have.</summary>
    [Fact]
    public async Task Record_Operations_AreThoseOfTheDocument()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Contract(), "openapi-aigateway.json")));
        using var record = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Contract(), "sdk-requests.json")));
        var operations = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Where(method => method.Value.ValueKind == JsonValueKind.Object && method.Value.TryGetProperty("operationId", out _))
            .Select(method => method.Value.GetProperty("operationId").GetString()!);

        Assert.Equal(operations.Except(NotInTheSdk).Order(), record.RootElement.EnumerateArray().Select(request => request.GetProperty("operation").GetString()!).Order());
    }

    // In the working copy that this was built from: the record is its file, not a copy.
    private static string Contract()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GatewayOps.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No GatewayOps.sln above the tests");
        return Path.Combine(folder.FullName, "tests", "GatewayOps.Tests", "Contract");
    }
}
