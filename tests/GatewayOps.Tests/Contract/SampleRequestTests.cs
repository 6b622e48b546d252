using System.Text;

namespace GatewayOps.Tests.Contract;

public sealed class SampleRequestTests
{
    [Fact]
    public void Samples_OfEveryOperation_FitTheDocument()
    {
        Assert.Empty(SampleRequest.Named.Except(OpenApiDocument.Cloudflare.Operations.Select(operation => operation.Id)));
        Assert.All(SampleRequest.All, sample =>
        {
            var call = OpenApiDocument.Cloudflare.Find(sample.Operation.Method, sample.Path())!;
            Assert.Equal(sample.Operation, call.Operation);
            var body = sample.Body is { } json ? Encoding.UTF8.GetBytes(json.GetRawText()) : [];
            Assert.Empty(call.Operation.RequestViolations(call, sample.Query, "application/json", body));
        });
    }
}
