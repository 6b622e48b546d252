using GatewayOps.Emulator.DataPlane.Credentials;

namespace GatewayOps.Tests.Emulator.DataPlane.Credentials;

public sealed class AwsSignatureTests
{
    private static readonly AwsKey Key = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", SessionToken: null);
    private static readonly DateTimeOffset Now = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    /// <summary>The first request of AWS's published test suite (`get-vanilla`).</summary>
    [Fact]
    public void Sign_GetVanilla_IsAwsOwnSignature()
    {
        var headers = AwsSignature.Sign(Key, "service", "GET", new Uri("https://example.amazonaws.com/"), [], [], Now);

        Assert.Equal(new("x-amz-date", "20150830T123600Z"), headers[0]);
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
            + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            headers[^1].Value);
    }

    /// <summary>The worked example of AWS's guide: a query and a content type.</summary>
    [Fact]
    public void Sign_ListUsers_IsAwsOwnSignature()
    {
        var headers = AwsSignature.Sign(
            Key, "iam", "GET", new Uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
            [new("content-type", "application/x-www-form-urlencoded; charset=utf-8")], [], Now);

        Assert.EndsWith("SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", headers[^1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Sign_SessionTokenBodyPath_AreAllPartOfIt()
    {
        var address = new Uri("https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3Ab/invoke");
        string[] signatures =
        [
            Signature(Key, address, "{}"u8),
            Signature(Key with { SessionToken = "t" }, address, "{}"u8),
            Signature(Key, address, "{ }"u8),
            Signature(Key, new Uri("https://bedrock-runtime.us-east-1.amazonaws.com/model/a%253Ab/invoke"), "{}"u8),
            Signature(Key with { Region = "eu-west-1" }, address, "{}"u8),
        ];

        Assert.Equal(signatures.Length, signatures.Distinct().Count());

        static string Signature(AwsKey key, Uri url, ReadOnlySpan<byte> body) => AwsSignature.Sign(key, "bedrock", "POST", url, [], body, Now)[^1].Value;
    }

    [Theory]
    [InlineData("sk-plain")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"accessKeyId":"a","secretAccessKey":"b"}""")]
    [InlineData("""{"accessKeyId":"a","secretAccessKey":"b","region":7}""")]
    [InlineData("""{"accessKeyId":"a\r\nx: y","secretAccessKey":"b","region":"r"}""")]
    public void Read_SomethingElse_IsNoAwsKey(string secret) => Assert.Null(AwsKey.Read(secret));
}
