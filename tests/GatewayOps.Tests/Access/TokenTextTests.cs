using GatewayOps.ControlPlane.Access;

namespace GatewayOps.Tests.Access;

public sealed class TokenTextTests
{
    [Fact]
    public void TokenText_HasAPrefixAChecksumAndNothingTwice()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => TokenText.New(TokenText.OperatorPrefix)).ToList();

        Assert.All(tokens, token => Assert.Matches("^gwo_[A-Za-z0-9_-]{48}$", token));
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
        Assert.All(tokens, token => Assert.False(TokenText.IsMistyped(token, TokenText.OperatorPrefix)));
        // One character changed, at every place.
        Assert.All(Enumerable.Range(4, 48), place => Assert.True(TokenText.IsMistyped(tokens[0][..place] + (tokens[0][place] == 'A' ? 'B' : 'A') + tokens[0][(place + 1)..], TokenText.OperatorPrefix)));
        Assert.All((string[])["gwo_", "gwo_!", tokens[0] + "A", tokens[0][..^1], "gwo_" + new string('é', 48)], text => Assert.True(TokenText.IsMistyped(text, TokenText.OperatorPrefix)));
        Assert.All((string[])["", "another-token", "GWO_x"], text => Assert.False(TokenText.IsMistyped(text, TokenText.OperatorPrefix)));
    }
}
