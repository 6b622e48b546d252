using GatewayOps.Tests.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Contract;

/// <summary>Every operation of the document is answered by the emulator.</summary>
public sealed class OperationCoverageTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    [Fact]
    public async Task Emulator_AnswersEveryOperation()
    {
        var unrouted = new List<string>();
        foreach (var sample in SampleRequest.All)
        {
            var answer = await fixture.Emulator.Management.CallAsync(new HttpMethod(sample.Operation.Method), $"/client/v4{sample.Path(new Dictionary<string, string> { ["account_id"] = fixture.Emulator.Options.AccountId })}{sample.QueryText}", sample.Body);
            if (answer.Body.TryGetProperty("errors", out var errors) && errors.EnumerateArray().Any(error => error.TryGetProperty("code", out var code) && code.GetInt32() is 7000 or 7003))
                unrouted.Add(sample.Operation.Id);
        }
        Assert.Empty(unrouted);
    }
}
