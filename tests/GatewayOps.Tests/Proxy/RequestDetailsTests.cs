using GatewayOps.ControlPlane.Proxy;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

public sealed class RequestDetailsTests
{
    [Theory]
    [InlineData("""{"team":"a"}""", "team", "a")]
    [InlineData("""{"n":7.50}""", "n", "7.50")]
    [InlineData("""{"on":true,"off":false}""", "off", "false")]
    [InlineData("""{"empty":""}""", "empty", "")]
    [InlineData("""{"team":"a"}""", "Team", null)]
    [InlineData("""{"nested":{"a":1},"nothing":null,"list":[1]}""", "nested", null)]
    [InlineData("""{"cf.internal":"a"}""", "cf.internal", null)]
    [InlineData("""{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6}""", "6", null)]
    [InlineData("""{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6}""", "5", "5")]
    [InlineData("""{"team":"a","team":"b"}""", "team", "b")]
    [InlineData("[1]", "team", null)]
    [InlineData("{broken", "team", null)]
    [InlineData("""{"team":"\ud800"}""", "team", null)]
    [InlineData(null, "team", null)]
    public void Metadata_Header_IsReadAsCloudflareReadsIt(string? header, string name, string? expected)
    {
        var headers = new HeaderDictionary();
        if (header is not null)
        {
            headers[CallerMetadata.Header] = header;
        }

        Assert.Equal(expected, new RequestDetails(headers).Metadata(name));
    }

    [Fact]
    public void Header_SeveralValues_AreJoined()
    {
        var details = new RequestDetails(new HeaderDictionary { ["X-App"] = new(["a", "b"]) });

        Assert.Equal("a, b", details.Header("x-app"));
        Assert.Null(details.Header("x-other"));
    }
}
